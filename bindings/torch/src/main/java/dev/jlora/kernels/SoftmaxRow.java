package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.jlora.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Softmax of rows of logits, one after the other, on one thread. A row over a vocabulary has some
 * hundred kilobytes, so that the first pass brings it into the L2 cache and the others find it
 * there. There is one partial sum per vector lane, which C2 vectorizes.
 */
final class SoftmaxRow {
  private static final int LANES = FloatSpan.LENGTH;

  private final FloatSpan span;
  private final int bytes;
  private final int columns;
  private final float[] x = new float[LANES];
  private final float[] lanes = new float[LANES];
  private final float[] shift = new float[LANES];
  private final int[] bits = new int[LANES];
  private final MemorySegment bitsAsFloats = MemorySegment.ofArray(bits);
  private float maximum;
  private double sum;

  SoftmaxRow(DType dtype, int columns) {
    this.span = FloatSpan.ofThread(dtype);
    this.bytes = dtype.bytes();
    this.columns = columns;
  }

  /** Computes the largest logit of the row at this address, and the sum of e^(logit - largest). */
  void read(long row) {
    int used = Math.min(LANES, columns);
    Arrays.fill(lanes, 0, used, Float.NEGATIVE_INFINITY);
    for (int at = 0; at < columns; at += LANES) {
      ScoreLoops.max(lanes, x, 1, load(row, at));
    }
    float largest = lanes[0];
    for (int i = 1; i < used; i++) {
      largest = Math.max(largest, lanes[i]);
    }
    shiftBy(largest);
    Arrays.fill(lanes, 0, used, 0);
    for (int at = 0; at < columns; at += LANES) {
      ScoreLoops.add(lanes, x, exponentials(row, at));
    }
    sum = lanesTogether(used);
  }

  /** The sum over the row of the differences between the largest logit and each logit. */
  double belowLargest(long row) {
    int used = Math.min(LANES, columns);
    Arrays.fill(lanes, 0, used, 0);
    for (int at = 0; at < columns; at += LANES) {
      ScoreLoops.add(lanes, x, load(row, at));
    }
    return (double) columns * maximum - lanesTogether(used);
  }

  /** Restores the {@link #logSum} of a row read before. */
  void set(double logSum) {
    shiftBy((float) logSum);
    sum = Math.exp(logSum - maximum);
  }

  private void shiftBy(float largest) {
    maximum = largest;
    Arrays.fill(shift, largest);
  }

  /** The logarithm of the sum of e^logit over the row. */
  double logSum() {
    return maximum + Math.log(sum);
  }

  int columns() {
    return columns;
  }

  float maximum() {
    return maximum;
  }

  double sum() {
    return sum;
  }

  /** The logit of one column. */
  float logit(long row, long column) {
    return span.get(row + column * bytes);
  }

  /** The probability of a column with this logit; NaN if the row contains an infinity or a NaN. */
  double probability(float logit) {
    return Math.exp((double) logit - maximum) / sum + (maximum - maximum);
  }

  /** Writes factor * probability + addend for each column; {@code to} may be the row. */
  void write(long row, long to, double factor, double addend) {
    // a maximum that is not finite makes the row NaN
    float scale = (float) (factor / sum) + (maximum - maximum);
    for (int at = 0; at < columns; at += LANES) {
      int length = exponentials(row, at);
      scale(x, scale, (float) addend, length);
      span.store(x, to + (long) at * bytes, length);
    }
  }

  /** Writes one column. */
  void put(long to, long column, double value) {
    span.set(to + column * bytes, (float) value);
  }

  /** Writes zeros. */
  void clear(long to) {
    HostMemory.MEMORY.asSlice(to, (long) columns * bytes).fill((byte) 0);
  }

  /** x = e^(logit - maximum) of the columns from {@code at}. */
  private int exponentials(long row, int at) {
    int length = load(row, at);
    ScoreLoops.exp(x, 1, shift, bits, length);
    MemorySegment.copy(bitsAsFloats, JAVA_FLOAT, 0, x, 0, length);
    return length;
  }

  private int load(long row, int at) {
    int length = Math.min(LANES, columns - at);
    span.load(row + (long) at * bytes, x, length);
    return length;
  }

  private double lanesTogether(int used) {
    double total = 0;
    for (int i = 0; i < used; i++) {
      total += lanes[i];
    }
    return total;
  }

  private static void scale(float[] x, float factor, float addend, int length) {
    for (int i = 0; i < length; i++) {
      x[i] = Math.fma(x[i], factor, addend);
    }
  }
}
