package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Elements of bfloat16 in pairs: the lower halves of ints in one plane, the upper ones in the
 * other. In a tile, the pair {@code k * 1024 + i} uses the two halves of word {@code k} of counter
 * {@code i}.
 *
 * <p>A bfloat16 is the upper half of a float, so an int with the bits in its upper half and zeros
 * below is the float; ints become floats by being stored in memory that is then read as floats.
 */
final class Bfloat16Planes implements Planes {
  static final ThreadLocal<Bfloat16Planes> LOCAL = ThreadLocal.withInitial(Bfloat16Planes::new);

  private static final int SPAN = Threefry.BLOCKS;
  private static final int HIGH = 0xffff0000;
  private static final int LOW = 0xffff;

  private final int[] pairs = new int[SPAN];
  private final int[] low = new int[SPAN];
  private final int[] high = new int[SPAN];
  private final float[] values = new float[SPAN];
  private final float[] sums = new float[SPAN];
  private final MemorySegment lowBits = MemorySegment.ofArray(low);
  private final MemorySegment highBits = MemorySegment.ofArray(high);

  @Override
  public int count() {
    return 2;
  }

  @Override
  public int bytes() {
    return Short.BYTES;
  }

  @Override
  public void load(MemorySegment from, long first, int count, MemorySegment[] to, long at) {
    int ints = count / 2;
    for (int start = 0; start < ints; start += SPAN) {
      int length = Math.min(SPAN, ints - start);
      readPairs(from, first + 2L * start, length);
      long bytes = (at + start) * Float.BYTES;
      lower(pairs, to[0], bytes, length);
      upper(pairs, to[1], bytes, length);
    }
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
    int ints = count / 2;
    for (int k = 0; k * SPAN < ints; k++) {
      int start = k * SPAN;
      int length = Math.min(SPAN, ints - start);
      readPairs(from, first + 2L * start, length);
      long bytes = (at + start) * Float.BYTES;
      keptLower(random.words[k], keep, pairs, to[0], bytes, length);
      keptUpper(random.words[k], keep, pairs, to[1], bytes, length);
    }
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
    int ints = count / 2;
    for (int k = 0; k * SPAN < ints; k++) {
      int start = k * SPAN;
      int length = Math.min(SPAN, ints - start);
      long bytes = (at + start) * Float.BYTES;
      MemorySegment.copy(from[0], JAVA_INT, bytes, low, 0, length);
      MemorySegment.copy(from[1], JAVA_INT, bytes, high, 0, length);
      Bfloat16Pairs.pack(low, high, pairs, length);
      Bfloat16Pairs.keep(random.words[k], keep, pairs, length);
      writePairs(to, first + 2L * start, length);
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
    int ints = count / 2;
    for (int k = 0; k * SPAN < ints; k++) {
      int start = k * SPAN;
      int length = Math.min(SPAN, ints - start);
      long bytes = (at + start) * Float.BYTES;
      readPairs(sum, first + 2L * start, length);
      Bfloat16Pairs.unpack(pairs, low, high, length);
      int[] words = random.words[k];
      addHalf(lowBits, addend[0], bytes, words, keep, false, length);
      addHalf(highBits, addend[1], bytes, words, keep, true, length);
      Bfloat16Pairs.pack(low, high, pairs, length);
      writePairs(sum, first + 2L * start, length);
    }
  }

  private void addHalf(
      MemorySegment bits,
      MemorySegment addend,
      long bytes,
      int[] words,
      int keep,
      boolean upper,
      int length) {
    MemorySegment.copy(bits, JAVA_FLOAT, 0, sums, 0, length);
    MemorySegment.copy(addend, JAVA_FLOAT, bytes, values, 0, length);
    if (upper) {
      MaskedSums.addUpper(words, keep, values, sums, length);
    } else {
      MaskedSums.addLower(words, keep, values, sums, length);
    }
    MemorySegment.copy(sums, 0, bits, JAVA_FLOAT, 0, length);
  }

  private void readPairs(MemorySegment from, long first, int length) {
    MemorySegment.copy(from, JAVA_INT_UNALIGNED, first * Short.BYTES, pairs, 0, length);
  }

  private void writePairs(MemorySegment to, long first, int length) {
    MemorySegment.copy(pairs, 0, to, JAVA_INT_UNALIGNED, first * Short.BYTES, length);
  }

  private static void lower(int[] pairs, MemorySegment to, long bytes, int length) {
    for (int i = 0; i < length; i++) {
      to.set(JAVA_INT, bytes + 4L * i, pairs[i] << 16);
    }
  }

  private static void upper(int[] pairs, MemorySegment to, long bytes, int length) {
    for (int i = 0; i < length; i++) {
      to.set(JAVA_INT, bytes + 4L * i, pairs[i] & HIGH);
    }
  }

  /** The sign of (bits - keep), extended over an int, is all ones for kept elements. */
  private static void keptLower(
      int[] words, int keep, int[] pairs, MemorySegment to, long bytes, int length) {
    for (int i = 0; i < length; i++) {
      to.set(JAVA_INT, bytes + 4L * i, (pairs[i] << 16) & (((words[i] & LOW) - keep) >> 31));
    }
  }

  private static void keptUpper(
      int[] words, int keep, int[] pairs, MemorySegment to, long bytes, int length) {
    for (int i = 0; i < length; i++) {
      to.set(JAVA_INT, bytes + 4L * i, pairs[i] & HIGH & (((words[i] >>> 16) - keep) >> 31));
    }
  }
}
