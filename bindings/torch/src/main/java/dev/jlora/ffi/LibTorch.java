// Generated from native/src/main/c/jlora_torch.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * The core of libtorch's stable C ABI: the library, its dispatcher and the encoding of arguments.
 * Methods that return int return 0 for success and 1 for failure; from version 2.13,
 * exceptionText() returns the error message. Handles are long.
 */
public final class LibTorch {
  private static final Downcalls C =
      Downcalls.torch(
          "aoti_torch_abi_version",
          "torch_get_num_threads",
          "torch_parallel_for",
          "aoti_torch_grad_mode_set_enabled",
          "torch_call_dispatcher",
          "torch_new_list_reserve_size",
          "torch_list_push_back",
          "torch_new_string_handle");

  private LibTorch() {}

  private static final class AbiVersion {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_LONG);
    static final MethodHandle HANDLE = C.critical("aoti_torch_abi_version", DESCRIPTOR);
  }

  /**
   * The ABI version: major &lt;&lt; 56 | minor &lt;&lt; 48 | patch &lt;&lt; 40 | tag.
   *
   * <pre>{@code
   * uint64_t aoti_torch_abi_version(void);
   * }</pre>
   */
  public static long abiVersion() {
    try {
      return (long) AbiVersion.HANDLE.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class ExceptionText {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(ADDRESS);
    static final @Nullable MethodHandle HANDLE =
        C.optional("torch_exception_get_what_without_backtrace", DESCRIPTOR);
  }

  /** Whether the library has {@link #exceptionText}. */
  public static boolean hasExceptionText() {
    return ExceptionText.HANDLE != null;
  }

  /**
   * The message of this thread's last error, without a stack trace; valid until the next error.
   * Since 2.13.
   *
   * <pre>{@code
   * const char *torch_exception_get_what_without_backtrace(void);
   * }</pre>
   */
  public static MemorySegment exceptionText() {
    try {
      return (MemorySegment) ExceptionText.HANDLE.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Threads {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, ADDRESS);
    static final MethodHandle HANDLE = C.required("torch_get_num_threads", DESCRIPTOR);
  }

  /**
   * The number of threads used within an operator.
   *
   * <pre>{@code
   * int32_t torch_get_num_threads(uint32_t *result);
   * }</pre>
   */
  public static int threads(MemorySegment result) {
    try {
      return (int) Threads.HANDLE.invokeExact(result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class ParallelFor {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
    static final MethodHandle HANDLE = C.required("torch_parallel_for", DESCRIPTOR);
  }

  /**
   * Splits [begin, end) into ranges of at least grain, and runs work on libtorch's threads.
   *
   * <pre>{@code
   * int32_t torch_parallel_for(int64_t begin, int64_t end, int64_t grain, jlora_range_function work,
   *                            void *context);
   * }</pre>
   */
  public static int parallelFor(
      long begin, long end, long grain, MemorySegment work, MemorySegment context) {
    try {
      return (int) ParallelFor.HANDLE.invokeExact(begin, end, grain, work, context);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class GradMode {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.ofVoid(JAVA_BOOLEAN);
    static final MethodHandle HANDLE = C.critical("aoti_torch_grad_mode_set_enabled", DESCRIPTOR);
  }

  /**
   * Sets whether libtorch's autograd records this thread's operators; initially on.
   *
   * <pre>{@code
   * void aoti_torch_grad_mode_set_enabled(bool enabled);
   * }</pre>
   */
  public static void gradMode(boolean enabled) {
    try {
      GradMode.HANDLE.invokeExact(enabled);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class CallDispatcher {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle HANDLE = C.required("torch_call_dispatcher", DESCRIPTOR);
  }

  /**
   * Calls an operator, such as "aten::linear" with the overload "". The stack has all arguments in
   * the order of the schema, one 64-bit slot each; the results replace them, from slot 0. The call
   * takes ownership of tensors, lists and strings on the stack. version is
   * aoti_torch_abi_version().
   *
   * <pre>{@code
   * int32_t torch_call_dispatcher(const char *operator_name, const char *overload_name,
   *                               jlora_value *stack, uint64_t version);
   * }</pre>
   */
  public static int callDispatcher(
      MemorySegment operatorName, MemorySegment overloadName, MemorySegment stack, long version) {
    try {
      return (int) CallDispatcher.HANDLE.invokeExact(operatorName, overloadName, stack, version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class NewList {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("torch_new_list_reserve_size", DESCRIPTOR);
  }

  /**
   * Creates an empty list; the call that takes it frees it.
   *
   * <pre>{@code
   * int32_t torch_new_list_reserve_size(size_t capacity, jlora_list *result);
   * }</pre>
   */
  public static int newList(long capacity, MemorySegment result) {
    try {
      return (int) NewList.HANDLE.invokeExact(capacity, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class ListAdd {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);
    static final MethodHandle HANDLE = C.required("torch_list_push_back", DESCRIPTOR);
  }

  /**
   * Appends an encoded value.
   *
   * <pre>{@code
   * int32_t torch_list_push_back(jlora_list list, jlora_value element);
   * }</pre>
   */
  public static int listAdd(long list, long element) {
    try {
      return (int) ListAdd.HANDLE.invokeExact(list, element);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class NewString {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("torch_new_string_handle", DESCRIPTOR);
  }

  /**
   * Creates a string; the call that takes it frees it.
   *
   * <pre>{@code
   * int32_t torch_new_string_handle(const char *bytes, size_t length, jlora_string *result);
   * }</pre>
   */
  public static int newString(MemorySegment bytes, long length, MemorySegment result) {
    try {
      return (int) NewString.HANDLE.invokeExact(bytes, length, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class NewCell {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, ADDRESS);
    static final @Nullable MethodHandle HANDLE = C.optional("torch_new_stable_ivalue", DESCRIPTOR);
  }

  /** Whether the library has {@link #newCell}. */
  public static boolean hasNewCell() {
    return NewCell.HANDLE != null;
  }

  /**
   * Allocates the cell of an optional value that is present. Since 2.13; before that, malloc(8).
   *
   * <pre>{@code
   * int32_t torch_new_stable_ivalue(jlora_value **result);
   * }</pre>
   */
  public static int newCell(MemorySegment result) {
    try {
      return (int) NewCell.HANDLE.invokeExact(result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
