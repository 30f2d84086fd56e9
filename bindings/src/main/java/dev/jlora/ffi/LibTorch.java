package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The core of libtorch's stable C ABI: the library itself, its dispatcher and the values that
 * travel through it. Functions that return {@code int} return 0 for success and 1 for failure; the
 * text of the failure is {@link #exceptionText} from 2.13 on. Handles are {@code long}.
 */
public final class LibTorch {
  private static final Downcalls C = new Downcalls(NativeTorch.load().symbols());

  private static final MethodHandle ABI_VERSION = C.critical("aoti_torch_abi_version", JAVA_LONG);

  /** major&lt;&lt;56 | minor&lt;&lt;48 | patch&lt;&lt;40 | tag. */
  public static long abiVersion() {
    try {
      return (long) ABI_VERSION.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle EXCEPTION_TEXT =
      C.optional("torch_exception_get_what_without_backtrace", ADDRESS);

  /** Whether this libtorch has {@code torch_exception_get_what_without_backtrace}. */
  public static boolean hasExceptionText() {
    return EXCEPTION_TEXT != null;
  }

  /** Borrowed C string of the last failure on this thread; copy it at once (2.13+). */
  public static MemorySegment exceptionText() {
    try {
      return (MemorySegment) EXCEPTION_TEXT.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle CALL_DISPATCHER =
      C.required("torch_call_dispatcher", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);

  /** Calls an ATen operator; arguments and results travel in the 64-bit slots of {@code stack}. */
  public static int callDispatcher(
      MemorySegment name, MemorySegment overload, MemorySegment stack, long version) {
    try {
      return (int) CALL_DISPATCHER.invokeExact(name, overload, stack, version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle NEW_LIST =
      C.required("torch_new_list_reserve_size", JAVA_INT, JAVA_LONG, ADDRESS);

  /** An empty list; consumed by the call it is given to. */
  public static int newList(long capacity, MemorySegment out) {
    try {
      return (int) NEW_LIST.invokeExact(capacity, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle LIST_ADD =
      C.required("torch_list_push_back", JAVA_INT, JAVA_LONG, JAVA_LONG);

  /** Appends an encoded value. */
  public static int listAdd(long list, long value) {
    try {
      return (int) LIST_ADD.invokeExact(list, value);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle NEW_STRING =
      C.required("torch_new_string_handle", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);

  /** A string; consumed by the call it is given to. */
  public static int newString(MemorySegment bytes, long length, MemorySegment out) {
    try {
      return (int) NEW_STRING.invokeExact(bytes, length, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle NEW_CELL =
      C.optional("torch_new_stable_ivalue", JAVA_INT, ADDRESS);

  /** Whether this libtorch has {@code torch_new_stable_ivalue}. */
  public static boolean hasNewCell() {
    return NEW_CELL != null;
  }

  /** The cell of an optional value (2.13+; malloc before). */
  public static int newCell(MemorySegment out) {
    try {
      return (int) NEW_CELL.invokeExact(out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle THREADS =
      C.required("torch_get_num_threads", JAVA_INT, ADDRESS);

  /** Threads of libtorch's intra-op pool. */
  public static int threads(MemorySegment out) {
    try {
      return (int) THREADS.invokeExact(out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle PARALLEL_FOR =
      C.required("torch_parallel_for", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);

  /** Runs {@code void f(int64, int64, void*)} over ranges on libtorch's own pool. */
  public static int parallelFor(
      long begin, long end, long grain, MemorySegment function, MemorySegment context) {
    try {
      return (int) PARALLEL_FOR.invokeExact(begin, end, grain, function, context);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle GRAD_MODE =
      C.critical("aoti_torch_grad_mode_set_enabled", null, JAVA_BOOLEAN);

  /** Switches libtorch's own autograd for this thread. */
  public static void gradMode(boolean enabled) {
    try {
      GRAD_MODE.invokeExact(enabled);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function this class declares. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }

  private LibTorch() {}
}
