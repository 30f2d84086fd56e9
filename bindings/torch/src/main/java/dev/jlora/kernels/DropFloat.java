package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Dropout of a tile of floats. Element {@code k * 1024 + i} uses the lower (k even) or upper (k
 * odd) half of word {@code k / 2} of counter {@code i}.
 */
final class DropFloat implements DropKernel.Tile {
  private static final int SPAN = Threefry.BLOCKS;
  private static final int UPPER = 16;

  private final MemorySegment out;
  private final MemorySegment x;
  private final @Nullable MemorySegment addend;
  private final int keep;
  private final float factor;
  private final float[] values = new float[SPAN];
  private final float[] sums = new float[SPAN];

  DropFloat(
      MemorySegment out, MemorySegment x, @Nullable MemorySegment addend, int keep, float factor) {
    this.out = out;
    this.x = x;
    this.addend = addend;
    this.keep = keep;
    this.factor = factor;
  }

  @Override
  public void run(Threefry random, long tile, long start, int count) {
    random.fill(tile, Math.min(count, SPAN));
    for (int k = 0; k * SPAN < count; k++) {
      int length = Math.min(SPAN, count - k * SPAN);
      long bytes = (start + (long) k * SPAN) * Float.BYTES;
      MemorySegment.copy(x, JAVA_FLOAT, bytes, values, 0, length);
      int[] words = random.words[k / 2];
      if (k % 2 == 0) {
        lower(words, keep, factor, values, length);
      } else {
        upper(words, keep, factor, values, length);
      }
      if (addend != null) {
        MemorySegment.copy(addend, JAVA_FLOAT, bytes, sums, 0, length);
        MaskedSums.add(sums, values, length);
      }
      MemorySegment.copy(values, 0, out, JAVA_FLOAT, bytes, length);
    }
  }

  /** The sign bit of (bits - keep) is 1 for kept elements. */
  private static void lower(int[] words, int keep, float factor, float[] values, int length) {
    for (int i = 0; i < length; i++) {
      values[i] = values[i] * ((float) (((words[i] & 0xffff) - keep) >>> 31) * factor);
    }
  }

  private static void upper(int[] words, int keep, float factor, float[] values, int length) {
    for (int i = 0; i < length; i++) {
      values[i] = values[i] * ((float) (((words[i] >>> UPPER) - keep) >>> 31) * factor);
    }
  }
}
