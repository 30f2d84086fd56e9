package dev.jlora.data;

/**
 * Which rows make a batch, and where in the run it stands.
 *
 * @param epoch from 0
 * @param index of the batch in its epoch, from 0
 * @param rows indices into the dataset. Not copied
 * @param lastOfEpoch whether the epoch ends with this batch
 */
public record BatchRows(int epoch, int index, int[] rows, boolean lastOfEpoch) {
  /** Where the run goes on after this batch. */
  public BatchPosition after() {
    return lastOfEpoch ? new BatchPosition(epoch + 1, 0) : new BatchPosition(epoch, index + 1);
  }
}
