package dev.jlora.data;

/**
 * Options for forming batches.
 *
 * @param dropLast whether to drop the last batch of an epoch if it is smaller than the others
 */
public record SamplerOptions(Order order, int batchSize, long seed, boolean dropLast) {
  /** The order of rows within an epoch. */
  public enum Order {
    /** In the order of the dataset. */
    SEQUENTIAL,
    /** Shuffled in each epoch. */
    SHUFFLED,
    /** Shuffled in each epoch, with rows of similar length in one batch. */
    LENGTH_GROUPED
  }

  public SamplerOptions {
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "batch size: got " + batchSize + ", expected 1 or more rows");
    }
  }

  public static SamplerOptions sequential(int batchSize) {
    return new SamplerOptions(Order.SEQUENTIAL, batchSize, 0, false);
  }

  public static SamplerOptions shuffled(int batchSize, long seed) {
    return new SamplerOptions(Order.SHUFFLED, batchSize, seed, false);
  }

  public static SamplerOptions lengthGrouped(int batchSize, long seed) {
    return new SamplerOptions(Order.LENGTH_GROUPED, batchSize, seed, false);
  }
}
