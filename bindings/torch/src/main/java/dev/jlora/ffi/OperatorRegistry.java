// Generated from native/src/main/c/jlora_torch.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Registers jlora's kernels for libtorch's operators, and decodes the arguments of such a kernel.
 * Methods return 0 for success.
 */
public final class OperatorRegistry {
  private static final Downcalls C =
      Downcalls.torch(
          "aoti_torch_library_init_impl",
          "torch_library_impl",
          "torch_list_size",
          "torch_list_get_item",
          "torch_delete_list");

  private OperatorRegistry() {}

  private static final class NewLibrary {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
    static final MethodHandle HANDLE = C.required("aoti_torch_library_init_impl", DESCRIPTOR);
  }

  /**
   * Creates a library of kernels for one namespace and dispatch key.
   *
   * <pre>{@code
   * int32_t aoti_torch_library_init_impl(const char *name_space, const char *key, const char *file,
   *                                      uint32_t line, jlora_library *result);
   * }</pre>
   */
  public static int newLibrary(
      MemorySegment nameSpace,
      MemorySegment key,
      MemorySegment file,
      int line,
      MemorySegment result) {
    try {
      return (int) NewLibrary.HANDLE.invokeExact(nameSpace, key, file, line, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Implement {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle HANDLE = C.required("torch_library_impl", DESCRIPTOR);
  }

  /**
   * Registers a kernel for an operator.
   *
   * <pre>{@code
   * int32_t torch_library_impl(jlora_library library, const char *name, jlora_kernel kernel,
   *                            uint64_t version);
   * }</pre>
   */
  public static int implement(
      long library, MemorySegment name, MemorySegment kernel, long version) {
    try {
      return (int) Implement.HANDLE.invokeExact(library, name, kernel, version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class ListSize {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("torch_list_size", DESCRIPTOR);
  }

  /**
   * The length of a list.
   *
   * <pre>{@code
   * int32_t torch_list_size(jlora_list list, size_t *result);
   * }</pre>
   */
  public static int listSize(long list, MemorySegment result) {
    try {
      return (int) ListSize.HANDLE.invokeExact(list, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class ListItem {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS);
    static final MethodHandle HANDLE = C.required("torch_list_get_item", DESCRIPTOR);
  }

  /**
   * An encoded element of a list; the caller owns it.
   *
   * <pre>{@code
   * int32_t torch_list_get_item(jlora_list list, size_t index, jlora_value *result);
   * }</pre>
   */
  public static int listItem(long list, long index, MemorySegment result) {
    try {
      return (int) ListItem.HANDLE.invokeExact(list, index, result);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class DeleteList {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
    static final MethodHandle HANDLE = C.required("torch_delete_list", DESCRIPTOR);
  }

  /**
   * Frees a list, but not its elements.
   *
   * <pre>{@code
   * int32_t torch_delete_list(jlora_list list);
   * }</pre>
   */
  public static int deleteList(long list) {
    try {
      return (int) DeleteList.HANDLE.invokeExact(list);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class DeleteCell {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
    static final @Nullable MethodHandle HANDLE =
        C.optional("torch_delete_stable_ivalue", DESCRIPTOR);
  }

  /** Whether the library has {@link #deleteCell}. */
  public static boolean hasDeleteCell() {
    return DeleteCell.HANDLE != null;
  }

  /**
   * Frees the cell of an optional value. Since 2.13; before, free().
   *
   * <pre>{@code
   * int32_t torch_delete_stable_ivalue(uintptr_t cell);
   * }</pre>
   */
  public static int deleteCell(long cell) {
    try {
      return (int) DeleteCell.HANDLE.invokeExact(cell);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
