package dev.jlora.natives;

import java.util.Map;
import java.util.Set;

/**
 * Process settings that must be made before libtorch creates its thread pools and first buffers.
 *
 * <ul>
 *   <li>{@code OMP_WAIT_POLICY=PASSIVE}: idle OpenMP threads sleep, which leaves processors to
 *       Java's own threads (compiler, loader).
 *   <li>{@code GOMP_SPINCOUNT=20000}: before they sleep, libgomp's threads spin for some 100
 *       microseconds, longer than most gaps between two operators: waking a thread takes longer
 *       than many operators.
 *   <li>{@code OMP_NUM_THREADS} is the number of cores, see {@link ProcessorCores}.
 *   <li>{@code OPENBLAS_NUM_THREADS=1}: OpenBLAS has a second pool, which competes with OpenMP's
 *       for the processors. Products are distributed over OpenMP's threads above the BLAS instead.
 *   <li>{@code JE_MALLOC_CONF}: jemalloc, the allocator of large tensors, has one arena for all
 *       threads and keeps freed memory, so that the next step reuses its pages. It requests pages
 *       of 2 MiB, which reduces TLB misses of products, whose rows are pages apart.
 *   <li>glibc's allocator keeps freed buffers. By default each large buffer is a new mapping, so
 *       every training step pays for the page faults of all its activations again.
 * </ul>
 *
 * Variables that the user has set are not changed: {@code OMP_WAIT_POLICY}, {@code GOMP_SPINCOUNT},
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

  /** Applies the settings. Idempotent. */
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
