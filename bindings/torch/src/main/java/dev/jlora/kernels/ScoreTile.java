package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.jlora.kernels.AttentionTiling.Block;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Processes the scores of a block between its products, span by span in arrays that stay in the L1
 * cache; one instance per thread.
 *
 * <p>Lane {@code i} of a span belongs to query {@code i % stride}. Arrays over lanes hold a query's
 * value once for each key of the span.
 */
final class ScoreTile {
  private static final int SPAN = AttentionTiling.SPAN;

  /** Halves of words in a tile of random numbers: the slots of spans. */
  private static final int SLOTS = Threefry.TILE / Threefry.BLOCKS;

  private final float scale;
  private final ScoreMask mask;
  private final @Nullable DropMask drop;
  private final long dropTiles;
  private final @Nullable Threefry random;

  private final float[] x = new float[SPAN];
  private final float[] y = new float[SPAN];
  private final float[] z = new float[SPAN];
  private final int[] bits = new int[SPAN];
  private final MemorySegment bitsAsFloats = MemorySegment.ofArray(bits);

  // by lanes
  private final float[] maxima = new float[SPAN];
  private final float[] inverse = new float[SPAN];
  private final float[] sums = new float[SPAN];

  private Block block;
  private int lanes;

  /**
   * @param drop null for none
   * @param dropTiles number of tiles of random numbers for each block
   */
  ScoreTile(float scale, ScoreMask mask, @Nullable DropMask drop, long dropTiles) {
    this.scale = scale;
    this.mask = mask;
    this.drop = drop;
    this.dropTiles = dropTiles;
    this.random = drop == null ? null : new Threefry(drop.seed());
  }

  /** Sets the block for the next calls. */
  void open(Block next) {
    block = next;
    lanes = next.stride() * next.spanKeys();
    mask.open(next);
  }

  /**
   * Turns the products of queries and keys into dropped probabilities, in place.
   *
   * @param statistics receives each query's largest score, and at {@code inverseAt} the inverse of
   *     the sum of its exponentials, from which backward recomputes the probabilities
   */
  void softmax(MemorySegment scores, MemorySegment statistics, long maximumAt, long inverseAt) {
    findMaxima(scores);
    exponentials(scores);
    for (int i = 0; i < block.stride(); i++) {
      // a maximum that is not finite makes the row NaN
      inverse[i] = 1 / sums[i] + (maxima[i] - maxima[i]);
    }
    MemorySegment.copy(maxima, 0, statistics, JAVA_FLOAT, maximumAt * Float.BYTES, block.rows());
    MemorySegment.copy(inverse, 0, statistics, JAVA_FLOAT, inverseAt * Float.BYTES, block.rows());
    spread(inverse);
    for (int span = 0; span < block.spans(); span++) {
      int length = load(scores, span, x);
      ScoreLoops.multiply(x, inverse, length);
      if (drop != null) {
        dropSpan(span, x, length);
      }
      store(x, scores, span, length);
    }
  }

  /**
   * Computes the gradient of the scores from the products of queries and keys and the gradient of
   * the dropped probabilities. With P the probabilities, M the mask with its scale and G the
   * gradient of the dropped ones, it is P (M G - D), D the sum of P M G over the keys (Dao et al.,
   * "FlashAttention", 2022, appendix B.2, where D is computed from the output instead).
   *
   * @param scores in: products; out: probabilities
   * @param dropped out: the dropped probabilities; the same memory as {@code scores} without
   *     dropout
   * @param gradient in: of the dropped probabilities; out: of the products
   */
  void gradient(
      MemorySegment scores,
      MemorySegment dropped,
      MemorySegment gradient,
      MemorySegment statistics,
      long maximumAt,
      long inverseAt) {
    MemorySegment.copy(statistics, JAVA_FLOAT, maximumAt * Float.BYTES, maxima, 0, block.rows());
    MemorySegment.copy(statistics, JAVA_FLOAT, inverseAt * Float.BYTES, inverse, 0, block.rows());
    spread(maxima);
    spread(inverse);
    Arrays.fill(sums, 0, lanes, 0);
    for (int span = 0; span < block.spans(); span++) {
      int length = exponential(scores, span);
      ScoreLoops.multiply(x, inverse, length);
      store(x, scores, span, length);
      load(gradient, span, z);
      if (drop != null) {
        dropSpan(span, x, length);
        store(x, dropped, span, length);
      }
      ScoreLoops.addProducts(sums, x, z, length);
    }
    fold(sums, false);
    spread(sums);
    for (int span = 0; span < block.spans(); span++) {
      int length = load(scores, span, x);
      load(gradient, span, z);
      if (drop == null) {
        ScoreLoops.scoreGradient(z, x, x, sums, scale, length);
      } else {
        load(dropped, span, y);
        ScoreLoops.scoreGradient(z, y, x, sums, scale, length);
      }
      store(z, gradient, span, length);
    }
  }

  private void findMaxima(MemorySegment scores) {
    Arrays.fill(maxima, 0, lanes, Float.NEGATIVE_INFINITY);
    for (int span = 0; span < block.spans(); span++) {
      int length = load(scores, span, x);
      ScoreLoops.max(maxima, x, masked(span, length), length);
    }
    fold(maxima, true);
    spread(maxima);
  }

  private void exponentials(MemorySegment scores) {
    Arrays.fill(sums, 0, lanes, 0);
    for (int span = 0; span < block.spans(); span++) {
      int length = exponential(scores, span);
      ScoreLoops.add(sums, x, length);
      store(x, scores, span, length);
    }
    fold(sums, false);
  }

  /** x = e^(score - maximum) of a span. */
  private int exponential(MemorySegment scores, int span) {
    int length = load(scores, span, x);
    ScoreLoops.exp(x, masked(span, length), maxima, bits, length);
    MemorySegment.copy(bitsAsFloats, JAVA_FLOAT, 0, x, 0, length);
    return length;
  }

  /**
   * Adds the mask, if there is one, to the span in x; returns the factor that remains to be
   * applied.
   */
  private float masked(int span, int length) {
    int keys = length / block.stride();
    int first = span * block.spanKeys();
    if (!mask.adds(first, keys)) {
      return scale;
    }
    mask.fill(y, first, keys);
    ScoreLoops.addMask(x, scale, y, length);
    return 1;
  }

  private void dropSpan(int span, float[] values, int length) {
    int slot = span % SLOTS;
    if (slot == 0) {
      long tile = drop.offset() / Threefry.TILE + block.number() * dropTiles + span / SLOTS;
      random.fill(tile, lanes);
    }
    int[] words = random.words[slot / 2];
    ScoreLoops.drop(
        values, values, words, slot % 2 == 1, drop.keep(), (float) drop.scale(), length);
  }

  /** Combines the values of a query for several keys of the span. */
  private void fold(float[] byLane, boolean largest) {
    int stride = block.stride();
    for (int start = stride; start < lanes; start += stride) {
      System.arraycopy(byLane, start, z, 0, stride);
      if (largest) {
        ScoreLoops.max(byLane, z, 1, stride);
      } else {
        ScoreLoops.add(byLane, z, stride);
      }
    }
  }

  private void spread(float[] byLane) {
    for (int start = block.stride(); start < lanes; start += block.stride()) {
      System.arraycopy(byLane, 0, byLane, start, block.stride());
    }
  }

  private int load(MemorySegment from, int span, float[] to) {
    long start = (long) span * lanes;
    int length = (int) Math.min(lanes, block.elements() - start);
    MemorySegment.copy(from, JAVA_FLOAT, start * Float.BYTES, to, 0, length);
    return length;
  }

  private void store(float[] from, MemorySegment to, int span, int length) {
    MemorySegment.copy(from, 0, to, JAVA_FLOAT, (long) span * lanes * Float.BYTES, length);
  }
}
