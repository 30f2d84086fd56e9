package dev.jlora.data;

/**
 * The rows of a batch, and its position in the run.
 *
 * @param epoch from 0
 * @param index of the batch in its epoch, from 0
 * @param rows indices into the dataset. Not copied
 * @param lastOfEpoch whether this is the last batch of the epoch
 */
public record BatchRows(int epoch, int index, int[] rows, boolean lastOfEpoch) {
  /** The position after this batch. */
  public BatchPosition after() {
    return lastOfEpoch ? new BatchPosition(epoch + 1, 0) : new BatchPosition(epoch, index + 1);
  }
}
