package dev.jlora.spi;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * Creates tensors of random batches, for benchmarked or planned steps without data. Each tensor is
 * new, on the host, and owned by the current scope. Its values depend on the seed and on the calls
 * before.
 */
public final class RandomBatch {
  private final int rows;
  private final int length;
  private final SplittableRandom random;

  /**
   * @param rows of the batch
   * @param length number of tokens per row; for an image model, its patches and class token
   */
  public RandomBatch(int rows, int length, long seed) {
    this.rows = rows;
    this.length = length;
    this.random = new SplittableRandom(seed);
  }

  public int rows() {
    return rows;
  }

  /** The number of tokens per row. */
  public int length() {
    return length;
  }

  /** Ids from 0 (inclusive) to {@code bound} (exclusive), one per row: INT64 [rows]. */
  public Tensor idPerRow(long bound) {
    return filled(rows, () -> random.nextLong(bound));
  }

  /** Ids from 0 (inclusive) to {@code bound} (exclusive), one per token: INT64 [rows, length]. */
  public Tensor idPerToken(long bound) {
    return tokens(() -> random.nextLong(bound));
  }

  /** The same value for every token: INT64 [rows, length]. */
  public Tensor sameForTokens(long value) {
    return tokens(() -> value);
  }

  /** Ones, FLOAT32 [rows] or [rows, ...]: targets of regression or multi-label classification. */
  public Tensor ones(long... perRow) {
    long[] shape = new long[perRow.length + 1];
    shape[0] = rows;
    System.arraycopy(perRow, 0, shape, 1, perRow.length);
    return Tensor.ones(DType.FLOAT32, shape);
  }

  /** Images with values from -1 to 1: FLOAT32 [rows, channels, size, size]. */
  public Tensor images(int channels, int size) {
    float[] values = new float[rows * channels * size * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return Tensor.of(values, rows, channels, size, size);
  }

  private Tensor tokens(LongSupplier value) {
    return Views.view(filled(rows * length, value), rows, length);
  }

  private static Tensor filled(int count, LongSupplier value) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = value.getAsLong();
    }
    return Tensor.of(values, count);
  }
}
