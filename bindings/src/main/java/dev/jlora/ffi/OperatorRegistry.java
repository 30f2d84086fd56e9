package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.NativeTorch;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Kernels of our own behind libtorch's operators, and what such a kernel needs to read its
 * arguments. What is returned is 0 for success.
 */
public final class OperatorRegistry {
  private static final Downcalls C = new Downcalls(NativeTorch.load().symbols());

  private static final MethodHandle NEW_LIBRARY =
      C.required(
          "aoti_torch_library_init_impl", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS);

  /** A set of kernels for one namespace and one dispatch key. */
  public static int newLibrary(
      MemorySegment namespace, MemorySegment key, MemorySegment file, MemorySegment out) {
    try {
      return (int) NEW_LIBRARY.invokeExact(namespace, key, file, 0, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle IMPLEMENT =
      C.required("torch_library_impl", JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);

  /** Puts {@code void f(uint64* stack, uint64 arguments, uint64 results)} behind an operator. */
  public static int implement(
      long library, MemorySegment operator, MemorySegment function, long version) {
    try {
      return (int) IMPLEMENT.invokeExact(library, operator, function, version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle LIST_SIZE =
      C.required("torch_list_size", JAVA_INT, JAVA_LONG, ADDRESS);

  /** Length of a list. */
  public static int listSize(long list, MemorySegment out) {
    try {
      return (int) LIST_SIZE.invokeExact(list, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle LIST_ITEM =
      C.required("torch_list_get_item", JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS);

  /** An encoded value of a list, the caller's from here on. */
  public static int listItem(long list, long index, MemorySegment out) {
    try {
      return (int) LIST_ITEM.invokeExact(list, index, out);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle DELETE_LIST =
      C.required("torch_delete_list", JAVA_INT, JAVA_LONG);

  /** Frees a list, not what is in it. */
  public static int deleteList(long list) {
    try {
      return (int) DELETE_LIST.invokeExact(list);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle DELETE_CELL =
      C.optional("torch_delete_stable_ivalue", JAVA_INT, JAVA_LONG);

  /** Whether this libtorch has {@code torch_delete_stable_ivalue}. */
  public static boolean hasDeleteCell() {
    return DELETE_CELL != null;
  }

  /** Frees the cell of an optional value (2.13+; free before). */
  public static int deleteCell(long cell) {
    try {
      return (int) DELETE_CELL.invokeExact(cell);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function this class declares. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }

  private OperatorRegistry() {}
}
