package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;

/**
 * Floats: one plane, the memory itself. In a tile, element {@code k * 1024 + i} uses the lower (k
 * even) or upper (k odd) half of word {@code k / 2} of counter {@code i}.
 *
 * <p>A loop writes at most one native segment and reads other data from arrays: C2 cannot prove
 * that two native segments do not overlap, and would not vectorize.
 */
final class FloatPlanes implements Planes {
  static final ThreadLocal<FloatPlanes> LOCAL = ThreadLocal.withInitial(FloatPlanes::new);

  private static final int SPAN = Threefry.BLOCKS;
  private static final int UPPER = 16;
  private static final int LOW = 0xffff;

  private final float[] values = new float[SPAN];
  private final float[] sums = new float[SPAN];

  @Override
  public int count() {
    return 1;
  }

  @Override
  public int bytes() {
    return Float.BYTES;
  }

  @Override
  public void load(MemorySegment from, long first, int count, MemorySegment[] to, long at) {
    MemorySegment.copy(
        from, first * Float.BYTES, to[0], at * Float.BYTES, (long) count * Float.BYTES);
  }

  @Override
  public void loadMasked(
      Threefry random,
      int keep,
      MemorySegment from,
      long first,
      int count,
      MemorySegment[] to,
      long at) {
    copyMasked(random, keep, from, first, to[0], at, count);
  }

  @Override
  public void storeMasked(
      Threefry random,
      int keep,
      MemorySegment[] from,
      long at,
      MemorySegment to,
      long first,
      int count) {
    copyMasked(random, keep, from[0], at, to, first, count);
  }

  private static void copyMasked(
      Threefry random,
      int keep,
      MemorySegment from,
      long first,
      MemorySegment to,
      long at,
      int count) {
    MemorySegment.copy(from, first * Float.BYTES, to, at * Float.BYTES, (long) count * Float.BYTES);
    for (int k = 0; k * SPAN < count; k++) {
      int length = Math.min(SPAN, count - k * SPAN);
      long bytes = (at + (long) k * SPAN) * Float.BYTES;
      if (k % 2 == 0) {
        keepLower(random.words[k / 2], keep, to, bytes, length);
      } else {
        keepUpper(random.words[k / 2], keep, to, bytes, length);
      }
    }
  }

  @Override
  public void addMasked(
      Threefry random,
      int keep,
      MemorySegment[] addend,
      long at,
      MemorySegment sum,
      long first,
      int count) {
    for (int k = 0; k * SPAN < count; k++) {
      int length = Math.min(SPAN, count - k * SPAN);
      long offset = (long) k * SPAN;
      long bytes = (first + offset) * Float.BYTES;
      MemorySegment.copy(addend[0], JAVA_FLOAT, (at + offset) * Float.BYTES, values, 0, length);
      MemorySegment.copy(sum, JAVA_FLOAT, bytes, sums, 0, length);
      if (k % 2 == 0) {
        MaskedSums.addLower(random.words[k / 2], keep, values, sums, length);
      } else {
        MaskedSums.addUpper(random.words[k / 2], keep, values, sums, length);
      }
      MemorySegment.copy(sums, 0, sum, JAVA_FLOAT, bytes, length);
    }
  }

  /** The sign of (bits - keep), extended over an int, is all ones for kept elements. */
  private static void keepLower(
      int[] words, int keep, MemorySegment values, long bytes, int length) {
    for (int i = 0; i < length; i++) {
      long at = bytes + 4L * i;
      values.set(JAVA_INT, at, values.get(JAVA_INT, at) & (((words[i] & LOW) - keep) >> 31));
    }
  }

  private static void keepUpper(
      int[] words, int keep, MemorySegment values, long bytes, int length) {
    for (int i = 0; i < length; i++) {
      long at = bytes + 4L * i;
      values.set(JAVA_INT, at, values.get(JAVA_INT, at) & (((words[i] >>> UPPER) - keep) >> 31));
    }
  }
}
