package dev.jlora.cuda;

/**
 * A CUDA device, as far as kernels depend on it.
 *
 * @param index which one, among those that this process sees
 * @param name the vendor's name of it
 * @param major first part of its compute capability: 9 for an H200
 * @param minor second part
 * @param multiprocessors how many blocks run at once, at the least
 * @param sharedBytes shared memory that one block can have if it asks
 * @param memoryBytes its memory
 */
public record Card(
    int index,
    String name,
    int major,
    int minor,
    int multiprocessors,
    int sharedBytes,
    long memoryBytes) {

  /** What the compiler is told: {@code sm_90}. */
  public String architecture() {
    return "sm_%d%d".formatted(major, minor);
  }

  @Override
  public String toString() {
    return "cuda:%d %s (%s, %d multiprocessors, %.1f GiB)"
        .formatted(index, name, architecture(), multiprocessors, memoryBytes / (double) (1L << 30));
  }
}
