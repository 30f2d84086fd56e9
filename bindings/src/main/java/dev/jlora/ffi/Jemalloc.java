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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** jemalloc, under the names that LWJGL's build gives its functions. All absent where it is. */
public final class Jemalloc {
  private static final Downcalls C =
      new Downcalls(NativeTorch.load().heap().symbols().orElse(_ -> Optional.empty()));

  private static final @Nullable MethodHandle ALIGNED_ALLOC =
      C.optional("je_aligned_alloc", ADDRESS, JAVA_LONG, JAVA_LONG);

  private static final @Nullable MemorySegment FREE = C.address("je_free", null, ADDRESS);

  private static final @Nullable MethodHandle MALLCTL =
      C.optional("je_mallctl", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);

  /** Whether the functions below can be called. */
  public static boolean present() {
    return ALIGNED_ALLOC != null && FREE != null && MALLCTL != null;
  }

  /** Uninitialized memory, for {@link #free} to free; null's address if there is none left. */
  public static MemorySegment alignedAlloc(long alignment, long bytes) {
    try {
      return (MemorySegment) ALIGNED_ALLOC.invokeExact(alignment, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** The function that frees such memory, on any thread; for C to call. */
  public static MemorySegment free() {
    if (FREE == null) {
      throw new IllegalStateException("there is no jemalloc; ask present() first");
    }
    return FREE;
  }

  /** Asks or tells jemalloc something by name; 0 for success. */
  public static int mallctl(
      MemorySegment name,
      MemorySegment oldValue,
      MemorySegment oldBytes,
      MemorySegment newValue,
      long newBytes) {
    try {
      return (int) MALLCTL.invokeExact(name, oldValue, oldBytes, newValue, newBytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function this class declares. */
  public static Map<String, FunctionDescriptor> declarations() {
    return C.declarations();
  }

  private Jemalloc() {}
}
