package dev.jlora.cuda.kernels;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Positions of a batch sorted by the id that stands there, so that each row of an embedding's
 * gradient is one sum in one order. Made on the host, from the ids that the loader has there.
 *
 * @param ids the distinct ids, ascending
 * @param starts where the positions of each begin in {@code order}; one more at the end
 * @param order positions, those of one id together and ascending
 */
public record EmbeddingOrder(int[] ids, int[] starts, int[] order) {

  /**
   * Sorts.
   *
   * @param paddingId the id that gets no gradient, -1 for none
   * @throws IllegalArgumentException for an id outside of the rows
   */
  public static EmbeddingOrder of(long[] ids, long rows, long paddingId) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= rows) {
        throw new IllegalArgumentException(
            "embedding: got id %d at position %d, expected 0 to %d".formatted(ids[i], i, rows - 1));
      }
    }
    long[] sorted =
        IntStream.range(0, ids.length)
            .filter(i -> ids[i] != paddingId)
            .mapToLong(i -> ids[i] << Integer.SIZE | i)
            .sorted()
            .toArray();
    int[] order = Arrays.stream(sorted).mapToInt(it -> (int) it).toArray();
    int[] firsts =
        IntStream.range(0, sorted.length)
            .filter(i -> i == 0 || id(sorted[i]) != id(sorted[i - 1]))
            .toArray();
    int[] distinct = Arrays.stream(firsts).map(i -> id(sorted[i])).toArray();
    int[] starts = Arrays.copyOf(firsts, firsts.length + 1);
    starts[firsts.length] = sorted.length;
    return new EmbeddingOrder(distinct, starts, order);
  }

  private static int id(long sorted) {
    return (int) (sorted >>> Integer.SIZE);
  }
}
