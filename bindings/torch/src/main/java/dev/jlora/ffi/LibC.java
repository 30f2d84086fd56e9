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

/** Functions of the C library. */
public final class LibC {
  private static final Downcalls C = Downcalls.libc("malloc", "setenv");

  private LibC() {}

  private static final class Malloc {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(ADDRESS, JAVA_LONG);
    static final MethodHandle HANDLE = C.required("malloc", DESCRIPTOR);
  }

  /**
   * Allocates memory that libtorch frees: the cell of an optional value before 2.13.
   *
   * <pre>{@code
   * void *malloc(size_t bytes);
   * }</pre>
   */
  public static MemorySegment malloc(long bytes) {
    try {
      return (MemorySegment) Malloc.HANDLE.invokeExact(bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Setenv {
    static final FunctionDescriptor DESCRIPTOR =
        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    static final MethodHandle HANDLE = C.required("setenv", DESCRIPTOR);
  }

  /**
   * Sets an environment variable for native code in this process; returns 0 for success.
   *
   * <pre>{@code
   * int32_t setenv(const char *name, const char *value, int32_t overwrite);
   * }</pre>
   */
  public static int setenv(MemorySegment name, MemorySegment value, int overwrite) {
    try {
      return (int) Setenv.HANDLE.invokeExact(name, value, overwrite);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final class Getrusage {
    static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS);
    static final @Nullable MethodHandle HANDLE = C.optional("getrusage", DESCRIPTOR);
  }

  /** Whether the library has {@link #getrusage}. */
  public static boolean hasGetrusage() {
    return Getrusage.HANDLE != null;
  }

  /**
   * Writes the struct rusage of the process (who = 0); returns 0 for success.
   *
   * <pre>{@code
   * int32_t getrusage(int32_t who, void *usage);
   * }</pre>
   */
  public static int getrusage(int who, MemorySegment usage) {
    try {
      return (int) Getrusage.HANDLE.invokeExact(who, usage);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
