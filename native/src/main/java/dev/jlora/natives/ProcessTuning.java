package dev.jlora.natives;

import java.util.Map;
import java.util.Set;

/**
 * Settings of the process that must stand before libtorch's thread pools and first buffers exist.
 *
 * <ul>
 *   <li>{@code OMP_WAIT_POLICY=PASSIVE}: OpenMP's threads sleep while they have no work, so that
 *       Java's own threads (compiler, loader) find a processor.
 *   <li>{@code GOMP_SPINCOUNT=20000}: before they sleep, libgomp's look for work for some 100
 *       microseconds, which is longer than most gaps between two operators: waking a thread takes
 *       longer than many an operator.
 *   <li>{@code OMP_NUM_THREADS} is the number of cores, see {@link ProcessorCores}.
 *   <li>{@code OPENBLAS_NUM_THREADS=1}: OpenBLAS brings a second pool, which takes the processors
 *       away from OpenMP's. Products are shared out over OpenMP's threads above the BLAS instead.
 *   <li>{@code JE_MALLOC_CONF}: jemalloc, which hands out the memory of large tensors, has one
 *       arena for all threads and keeps what is freed, so that the next step finds its pages. It
 *       asks for pages of 2 MiB, so that products, whose rows lie pages apart, miss fewer
 *       addresses.
 *   <li>glibc's allocator keeps freed buffers. By default each large buffer is a fresh mapping, so
 *       every step of a training pays the page faults of all its activations again.
 * </ul>
 *
 * A variable that the user has set is left alone: {@code OMP_WAIT_POLICY}, {@code GOMP_SPINCOUNT},
 * {@code OMP_NUM_THREADS} (and {@code MKL_NUM_THREADS}, which libtorch reads in its place), {@code
 * OPENBLAS_NUM_THREADS}, {@code JE_MALLOC_CONF}, and {@code MALLOC_MMAP_THRESHOLD_}, {@code
 * MALLOC_TRIM_THRESHOLD_} and {@code GLIBC_TUNABLES} for glibc's allocator.
 */
final class ProcessTuning {
  private static final Map<String, String> VARIABLES =
      Map.of(
          "OMP_WAIT_POLICY", "PASSIVE",
          "GOMP_SPINCOUNT", "20000",
          "OPENBLAS_NUM_THREADS", "1",
          "JE_MALLOC_CONF",
              "narenas:1,tcache:false,dirty_decay_ms:-1,muzzy_decay_ms:-1,oversize_threshold:0"
                  + ",thp:always");

  private static final Set<String> ALLOCATOR_VARIABLES =
      Set.of("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES");
  private static final int M_TRIM_THRESHOLD = -1;
  private static final int M_MMAP_THRESHOLD = -3;

  private ProcessTuning() {}

  /** Applies the settings; once per process is enough, more often does no harm. */
  static void apply() {
    VARIABLES.forEach(NativeProcess::setVariableUnlessSet);
    if (System.getenv("MKL_NUM_THREADS") == null) {
      NativeProcess.setVariableUnlessSet(
          "OMP_NUM_THREADS", Integer.toString(ProcessorCores.count()));
    }
    if (ALLOCATOR_VARIABLES.stream().noneMatch(System.getenv()::containsKey)) {
      NativeProcess.mallopt(M_MMAP_THRESHOLD, Integer.MAX_VALUE);
      NativeProcess.mallopt(M_TRIM_THRESHOLD, Integer.MAX_VALUE);
    }
  }
}
