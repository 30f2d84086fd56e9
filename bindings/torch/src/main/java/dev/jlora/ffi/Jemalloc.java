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

/** jemalloc, with the function names of LWJGL's build. */
public final class Jemalloc {
  private static final Downcalls C = Downcalls.jemalloc();

  private Jemalloc() {}

  /** Whether the library has all functions of this class. */
  public static boolean available() {
    return AlignedAlloc.HANDLE != null && Free.POINTER != null && Mallctl.HANDLE != null;
  }

  private static final class AlignedAlloc {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(ADDRESS, JAVA_LONG, JAVA_LONG);
    static final @Nullable MethodHandle HANDLE = C.optional("je_aligned_alloc", DESCRIPTOR);
  }

  /**
   * Allocates uninitialized memory; null if there is none.
   *
   * <pre>{@code
   * void *je_aligned_alloc(size_t alignment, size_t bytes);
   * }</pre>
   */
  public static MemorySegment alignedAlloc(long alignment, long bytes) {
    try {
      return (MemorySegment) AlignedAlloc.HANDLE.invokeExact(alignment, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Free {
    static final @Nullable MemorySegment POINTER = C.address("je_free");
  }

  /**
   * Frees memory, on any thread. Java passes its address to libtorch as a jlora_deleter; the extra
   * argument is ignored.
   *
   * <pre>{@code
   * void je_free(void *data);
   * }</pre>
   */
  public static MemorySegment free() {
    return Downcalls.present(Free.POINTER);
  }

  private static final class Mallctl {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    static final @Nullable MethodHandle HANDLE = C.optional("je_mallctl", DESCRIPTOR);
  }

  /**
   * Reads or writes a value by name, such as "arenas.lookup"; returns 0 or an errno.
   *
   * <pre>{@code
   * int32_t je_mallctl(const char *name, void *old_value, size_t *old_bytes, void *new_value,
   *                    size_t new_bytes);
   * }</pre>
   */
  public static int mallctl(
      MemorySegment name,
      MemorySegment oldValue,
      MemorySegment oldBytes,
      MemorySegment newValue,
      long newBytes) {
    try {
      return (int) Mallctl.HANDLE.invokeExact(name, oldValue, oldBytes, newValue, newBytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
