package dev.jlora.ffi;

import static dev.jlora.ffi.Downcalls.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What jlora needs of the C library itself. */
public final class LibC {
  private static final Downcalls C = new Downcalls(Linker.nativeLinker().defaultLookup());

  private static final MethodHandle MALLOC = C.required("malloc", ADDRESS, JAVA_LONG);

  /** Native memory that libtorch frees: the cell of an optional value before 2.13. */
  public static MemorySegment malloc(long bytes) {
    try {
      return (MemorySegment) MALLOC.invokeExact(bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final MethodHandle SETENV =
      C.required("setenv", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);

  /** Sets an environment variable of this process as native code sees it; 0 for success. */
  public static int setenv(MemorySegment name, MemorySegment value, int overwrite) {
    try {
      return (int) SETENV.invokeExact(name, value, overwrite);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final @Nullable MethodHandle GETRUSAGE =
      C.optional("getrusage", JAVA_INT, JAVA_INT, ADDRESS);

  /** Whether {@link #getrusage} can be called on this system. */
  public static boolean hasGetrusage() {
    return GETRUSAGE != null;
  }

  /** Writes a {@code struct rusage} of the process ({@code who} 0); 0 for success. */
  public static int getrusage(int who, MemorySegment usage) {
    try {
      return (int) GETRUSAGE.invokeExact(who, usage);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function this class declares. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }

  private LibC() {}
}
