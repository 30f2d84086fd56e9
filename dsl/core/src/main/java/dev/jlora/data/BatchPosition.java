package dev.jlora.data;

/**
 * A position in a run: the next batch. Together with the sampler's options it is all that a resumed
 * run needs to continue with the same batches.
 */
public record BatchPosition(int epoch, int batch) {
  public static final BatchPosition START = new BatchPosition(0, 0);

  public BatchPosition {
    if (epoch < 0 || batch < 0) {
      throw new IllegalArgumentException(
          "got epoch %d, batch %d; expected both from 0".formatted(epoch, batch));
    }
  }
}
