package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.jlora.ffi.TileProducts;
import dev.jlora.kernels.AttentionTiling.Block;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The products of an attention in BFLOAT16, accumulated in FLOAT32 and rounded once.
 *
 * <p>The second factor of such a product has its rows in pairs, element by element. The order of a
 * sum does not matter, so row {@code i} is paired with row {@code i + half}: both are then read in
 * long runs. Pairing along the width of a head separates the elements at even and odd indices, the
 * lower and the upper halves of ints: results have the former in their first rows and the latter in
 * their last, until rounding joins them.
 */
final class Bfloat16Products implements HeadProducts {
  private static final int SPAN = AttentionTiling.SPAN;

  private final Inputs inputs;
  private final int width;
  private final int pairs;
  private final int seen;
  private final MemorySegment scores;
  private final MemorySegment dropped;
  private final MemorySegment gradient;
  private final MemorySegment turnedTile;
  private final MemorySegment packedTile;
  private final MemorySegment turned;
  private final MemorySegment paired;
  private final MemorySegment result;
  private final MemorySegment valueSums;
  private final MemorySegment keySums;

  private final int[] first = new int[SPAN];
  private final int[] second = new int[SPAN];
  private final int[] lower = new int[SPAN];
  private final int[] upper = new int[SPAN];

  Bfloat16Products(AttentionTiling tiling, Inputs inputs, boolean drops) {
    this.inputs = inputs;
    this.width = tiling.width();
    this.pairs = width / 2;
    this.seen = tiling.keysSeen();
    boolean backward = inputs.g() != null;
    long tile = tiling.tileElements();
    int stride = AttentionTiling.even(tiling.blockRows());
    int keys = AttentionTiling.even(tiling.keys());
    long packed = Math.max((long) keys / 2 * stride, tile / 2);
    long longest = (long) width * Math.max(keys, stride);
    long sums = backward ? (long) width * tiling.keys() : 0;
    Scratch scratch =
        Scratch.reset((backward ? 4 : 1) * tile + packed + 3 * longest + 2 * sums + SPAN);
    scores = scratch.floats(tile);
    gradient = backward ? scratch.floats(tile) : scores;
    dropped = backward && drops ? scratch.floats(tile) : scores;
    turnedTile = backward ? scratch.floats(tile) : scores;
    packedTile = scratch.floats(packed);
    turned = scratch.floats(longest);
    paired = scratch.floats(longest);
    result = scratch.floats(longest);
    valueSums = scratch.floats(sums);
    keySums = scratch.floats(sums);
  }

  @Override
  public MemorySegment scores() {
    return scores;
  }

  @Override
  public MemorySegment dropped() {
    return dropped;
  }

  @Override
  public MemorySegment gradient() {
    return gradient;
  }

  @Override
  public void multiplyKeys(Block block) {
    multiply(block, inputs.k(), inputs.q(), scores);
  }

  @Override
  public void multiplyGradient(Block block) {
    multiply(block, inputs.v(), inputs.g(), gradient);
  }

  /** to [keys, stride] = keys rows^T. Pairs along the width are adjacent elements. */
  private void multiply(Block block, HeadView keys, HeadView rows, MemorySegment to) {
    int stride = block.stride();
    FloatTiles.transpose(
        block.rows(),
        pairs,
        rows.at(block, block.first()),
        rows.row() / 2,
        turned.address(),
        stride);
    TileProducts.bfloat16s(
        block.keys(),
        block.rows(),
        width,
        keys.at(block, 0),
        Math.max(keys.row(), width),
        turned.address(),
        stride,
        false,
        to.address(),
        stride);
  }

  @Override
  public void multiplyValues(Block block, HeadView out) {
    mixKeys(block, inputs.v(), scores, out);
  }

  @Override
  public void accumulate(Block block, boolean add, Gradients gradients) {
    if (gradients.v() != null) {
      mixRows(block, inputs.g(), dropped, add, valueSums);
    }
    if (gradients.k() != null) {
      mixRows(block, inputs.q(), gradient, add, keySums);
    }
    if (gradients.q() != null) {
      mixKeys(block, inputs.k(), gradient, gradients.q());
    }
  }

  @Override
  public void finish(Block block, Gradients gradients) {
    if (gradients.v() != null) {
      round(valueSums, seen, seen, gradients.v().at(block, 0), gradients.v().row());
    }
    if (gradients.k() != null) {
      round(keySums, seen, seen, gradients.k().at(block, 0), gradients.k().row());
    }
  }

  /** out [rows, width] = weights^T keys. */
  private void mixKeys(Block block, HeadView keys, MemorySegment weights, HeadView out) {
    int stride = block.stride();
    int half = (block.keys() + 1) / 2;
    long split = (long) half * stride;
    pack(weights, split, block.elements() - split, packedTile);
    pairRows(keys.at(block, 0), keys.row(), block.keys(), half);
    TileProducts.bfloat16s(
        width,
        block.rows(),
        2L * half,
        paired.address(),
        2L * half,
        packedTile.address(),
        stride,
        false,
        result.address(),
        stride);
    round(result, block.rows(), stride, out.at(block, block.first()), out.row());
  }

  /** sums [width, keys] = or += the transpose of weights rows. */
  private void mixRows(
      Block block, HeadView rows, MemorySegment weights, boolean add, MemorySegment sums) {
    int half = block.stride() / 2;
    int keys = block.keys();
    FloatTiles.transpose(
        keys, block.rows(), weights.address(), block.stride(), turnedTile.address(), keys);
    long split = (long) half * keys;
    pack(turnedTile, split, (long) (block.rows() - half) * keys, packedTile);
    pairRows(rows.at(block, block.first()), rows.row(), block.rows(), half);
    TileProducts.bfloat16s(
        width,
        keys,
        2L * half,
        paired.address(),
        2L * half,
        packedTile.address(),
        keys,
        add,
        sums.address(),
        seen);
  }

  /**
   * Pairs of rows {@code i} and {@code i + half}, transposed, [width, half]: the elements at even
   * indices first. A missing row counts as zeros.
   */
  private void pairRows(long address, long stride, int count, int half) {
    long plane = (long) pairs * half;
    long seconds = turned.address() + plane * Integer.BYTES;
    long middle = address + half * stride * Short.BYTES;
    FloatTiles.transpose(half, pairs, address, stride / 2, turned.address(), half);
    if (count > half) {
      FloatTiles.transpose(count - half, pairs, middle, stride / 2, seconds, half);
    }
    if (count < 2 * half) {
      for (int i = 1; i <= pairs; i++) {
        turned.setAtIndex(JAVA_INT, plane + (long) i * half - 1, 0);
      }
    }
    for (long at = 0; at < plane; at += SPAN) {
      int length = (int) Math.min(SPAN, plane - at);
      MemorySegment.copy(turned, JAVA_INT, at * Integer.BYTES, first, 0, length);
      MemorySegment.copy(turned, JAVA_INT, (plane + at) * Integer.BYTES, second, 0, length);
      Bfloat16Pairs.interleave(first, second, lower, upper, length);
      MemorySegment.copy(lower, 0, paired, JAVA_INT, at * Integer.BYTES, length);
      MemorySegment.copy(upper, 0, paired, JAVA_INT, (plane + at) * Integer.BYTES, length);
    }
  }

  /** Rounds [width, columns], even indices first, into rows of a head. */
  private void round(MemorySegment sums, int columns, int stride, long to, long row) {
    long plane = (long) pairs * stride;
    pack(sums, plane, plane, turned);
    FloatTiles.transpose(pairs, columns, turned.address(), stride, to, row / 2);
  }

  /**
   * Packs each of the first {@code count} floats with the one {@code count} later, of which only
   * {@code secondCount} exist; the others are zeros.
   */
  private void pack(MemorySegment from, long count, long secondCount, MemorySegment to) {
    for (long at = 0; at < count; at += SPAN) {
      int length = (int) Math.min(SPAN, count - at);
      int there = (int) Math.clamp(secondCount - at, 0, length);
      MemorySegment.copy(from, JAVA_INT, at * Float.BYTES, first, 0, length);
      if (there > 0) {
        MemorySegment.copy(from, JAVA_INT, (count + at) * Float.BYTES, second, 0, there);
      }
      Arrays.fill(second, there, length, 0);
      Bfloat16Pairs.pack(first, second, lower, length);
      MemorySegment.copy(lower, 0, to, JAVA_INT, at * Integer.BYTES, length);
    }
  }

  @Override
  public void close() {
    TileProducts.release();
  }
}
