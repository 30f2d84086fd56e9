package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Dropout of a tile of bfloat16, two elements per int: those of int {@code k * 1024 + i} use the
 * lower and the upper half of word {@code k} of counter {@code i}. Sums and products are computed
 * in float and rounded once, to nearest even. Loops over shorts would not be vectorized; ints
 * become floats by copying the bits, which is cheap in the cache.
 */
final class DropBfloat16 implements DropKernel.Tile {
  private static final int SPAN = Threefry.BLOCKS;
  private static final int LOW = 0xffff;

  private final MemorySegment out;
  private final MemorySegment x;
  private final @Nullable MemorySegment addend;
  private final int keep;
  private final float factor;
  private final int[] pairs = new int[SPAN];
  private final int[] low = new int[SPAN];
  private final int[] high = new int[SPAN];
  private final float[] values = new float[SPAN];
  private final float[] sums = new float[SPAN];
  private final MemorySegment lowBits = MemorySegment.ofArray(low);
  private final MemorySegment highBits = MemorySegment.ofArray(high);
  private final int[] addendLow = new int[SPAN];
  private final int[] addendHigh = new int[SPAN];

  DropBfloat16(
      MemorySegment out, MemorySegment x, @Nullable MemorySegment addend, int keep, float factor) {
    this.out = out;
    this.x = x;
    this.addend = addend;
    this.keep = keep;
    this.factor = factor;
  }

  @Override
  public void run(Threefry random, long tile, long start, int count) {
    int ints = (count + 1) / 2;
    random.fill(tile, Math.min(ints, SPAN));
    for (int k = 0; k * SPAN < ints; k++) {
      long first = start + 2L * k * SPAN;
      int elements = Math.min(2 * SPAN, count - 2 * k * SPAN);
      int length = (elements + 1) / 2;
      load(x, first, elements, pairs);
      Bfloat16Pairs.keep(random.words[k], keep, pairs, length);
      if (addend != null || factor != 1) {
        scaleAndAdd(first, elements, length);
      }
      store(first, elements);
    }
  }

  private void scaleAndAdd(long first, int elements, int length) {
    Bfloat16Pairs.unpack(pairs, low, high, length);
    if (addend != null) {
      load(addend, first, elements, pairs);
      Bfloat16Pairs.unpack(pairs, addendLow, addendHigh, length);
    }
    combine(lowBits, addendLow, length);
    combine(highBits, addendHigh, length);
    Bfloat16Pairs.pack(low, high, pairs, length);
  }

  /** bits = bits * factor + addend, all of them floats stored as ints. */
  private void combine(MemorySegment bits, int[] addendBits, int length) {
    MemorySegment.copy(bits, JAVA_FLOAT, 0, values, 0, length);
    if (addend == null) {
      scale(values, factor, length);
    } else {
      MemorySegment.copy(MemorySegment.ofArray(addendBits), JAVA_FLOAT, 0, sums, 0, length);
      scaleAdd(values, factor, sums, length);
    }
    MemorySegment.copy(values, 0, bits, JAVA_FLOAT, 0, length);
  }

  private static void load(MemorySegment from, long first, int elements, int[] pairs) {
    long bytes = first * Short.BYTES;
    MemorySegment.copy(from, JAVA_INT_UNALIGNED, bytes, pairs, 0, elements / 2);
    if (elements % 2 == 1) {
      pairs[elements / 2] =
          from.get(JAVA_SHORT_UNALIGNED, bytes + (elements - 1L) * Short.BYTES) & LOW;
    }
  }

  private void store(long first, int elements) {
    long bytes = first * Short.BYTES;
    MemorySegment.copy(pairs, 0, out, JAVA_INT_UNALIGNED, bytes, elements / 2);
    if (elements % 2 == 1) {
      short last = (short) pairs[elements / 2];
      out.set(JAVA_SHORT_UNALIGNED, bytes + (elements - 1L) * Short.BYTES, last);
    }
  }

  private static void scale(float[] values, float factor, int length) {
    for (int i = 0; i < length; i++) {
      values[i] *= factor;
    }
  }

  private static void scaleAdd(float[] values, float factor, float[] sums, int length) {
    for (int i = 0; i < length; i++) {
      values[i] = values[i] * factor + sums[i];
    }
  }
}
