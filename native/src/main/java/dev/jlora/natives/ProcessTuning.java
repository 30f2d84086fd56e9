package dev.jlora.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Set;

/**
 * Settings of the process that must stand before libtorch's thread pools and first buffers exist.
 *
 * <ul>
 *   <li>{@code OMP_WAIT_POLICY=PASSIVE}: OpenMP's threads sleep while they have no work. OpenBLAS
 *       has threads of its own, and a spinning pool takes the processors away from a working one.
 *   <li>glibc's allocator keeps freed buffers. By default each large buffer is a fresh mapping, so
 *       every step of a training pays the page faults of all its activations again.
 * </ul>
 *
 * A variable that the user has set is left alone: {@code OMP_WAIT_POLICY}, and {@code
 * MALLOC_MMAP_THRESHOLD_} and {@code MALLOC_TRIM_THRESHOLD_} for the allocator.
 */
final class ProcessTuning {
  private static final Map<String, String> DEFAULTS = Map.of("OMP_WAIT_POLICY", "PASSIVE");

  private static final int M_TRIM_THRESHOLD = -1;
  private static final int M_MMAP_THRESHOLD = -3;
  private static final Set<String> MALLOC_VARIABLES =
      Set.of("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES");

  private ProcessTuning() {}

  /** Applies the settings; once per process is enough, more often does no harm. */
  static void apply() {
    DEFAULTS.forEach(ProcessTuning::setUnlessSet);
    if (MALLOC_VARIABLES.stream().noneMatch(System.getenv()::containsKey)) {
      mallopt(M_MMAP_THRESHOLD, Integer.MAX_VALUE);
      mallopt(M_TRIM_THRESHOLD, Integer.MAX_VALUE);
    }
  }

  /** Sets a variable in the C library's environment, which is the one that native code reads. */
  private static void setUnlessSet(String name, String value) {
    // int setenv(const char* name, const char* value, int overwrite)
    MethodHandle setenv =
        find("setenv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
    } catch (Throwable t) {
      throw new AssertionError("setenv takes two strings and an int", t);
    }
  }

  private static void mallopt(int parameter, int value) {
    // int mallopt(int param, int value); musl has none, and nothing depends on its effect
    Linker.nativeLinker()
        .defaultLookup()
        .find("mallopt")
        .map(
            symbol ->
                Linker.nativeLinker()
                    .downcallHandle(symbol, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT)))
        .ifPresent(
            handle -> {
              try {
                int _ = (int) handle.invokeExact(parameter, value);
              } catch (Throwable t) {
                throw new AssertionError("mallopt takes two ints", t);
              }
            });
  }

  private static MethodHandle find(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }
}
