package dev.jlora.cuda;

/**
 * The properties of a CUDA device that kernels depend on.
 *
 * @param index among the devices that this process sees
 * @param name the vendor's name
 * @param major first part of its compute capability: 9 for an H200
 * @param minor second part
 * @param multiprocessors minimum number of blocks that run at once
 * @param sharedBytes maximum shared memory of one block (opt-in)
 * @param memoryBytes its memory
 */
public record Gpu(
    int index,
    String name,
    int major,
    int minor,
    int multiprocessors,
    int sharedBytes,
    long memoryBytes) {

  /** The compiler's name for the architecture: {@code sm_90}. */
  public String architecture() {
    return "sm_%d%d".formatted(major, minor);
  }

  @Override
  public String toString() {
    return "cuda:%d %s (%s, %d multiprocessors, %.1f GiB)"
        .formatted(index, name, architecture(), multiprocessors, memoryBytes / (double) (1L << 30));
  }
}
