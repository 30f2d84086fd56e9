package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.jlora.ffi.TileProducts;
import dev.jlora.kernels.AttentionTiling.Block;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The products of an attention in BFLOAT16, summed in FLOAT32 and rounded once.
 *
 * <p>The second factor of such a product has its rows in pairs, element by element. A sum over a
 * dimension does not care for its order, so row {@code i} is paired with row {@code i + half}: both
 * are then read in long runs. Where that splits the elements of a row into those at even and at odd
 * places, two planes are multiplied, and rounding joins them.
 */
final class Bfloat16Products implements HeadProducts {
  private static final int SPAN = AttentionTiling.SPAN;

  private final Inputs inputs;
  private final int width;
  private final int pairs;
  private final MemorySegment scores;
  private final MemorySegment dropped;
  private final MemorySegment gradient;
  private final MemorySegment packedTile;
  private final MemorySegment turnedRows;
  private final MemorySegment lower;
  private final MemorySegment upper;
  private final MemorySegment turnedKeys;
  private final MemorySegment turnedOut;
  private final MemorySegment[] sums;

  private final int[] first = new int[SPAN];
  private final int[] second = new int[SPAN];
  private final int[] joined = new int[SPAN];
  private final int[] other = new int[SPAN];

  Bfloat16Products(AttentionTiling tiling, Inputs inputs, boolean drops) {
    this.inputs = inputs;
    this.width = tiling.width();
    this.pairs = width / 2;
    boolean backward = inputs.g() != null;
    long tile = tiling.tileElements();
    int stride = AttentionTiling.even(tiling.blockRows());
    long keyPairs = AttentionTiling.even(tiling.keys()) / 2;
    long packed = Math.max(keyPairs * stride, (long) tiling.keys() * stride / 2);
    long planes = Math.max(keyPairs, stride / 2) * pairs;
    long sum = backward ? (long) tiling.keys() * pairs : 0;
    Scratch scratch =
        Scratch.reset(
            (backward ? 3 : 1) * tile
                + packed
                + (long) pairs * stride
                + 2 * planes
                + width * keyPairs
                + (long) width * stride
                + 4 * sum
                + 256);
    scores = scratch.floats(tile);
    gradient = backward ? scratch.floats(tile) : scores;
    dropped = backward && drops ? scratch.floats(tile) : scores;
    packedTile = scratch.floats(packed);
    turnedRows = scratch.floats((long) pairs * stride);
    lower = scratch.floats(planes);
    upper = scratch.floats(planes);
    turnedKeys = scratch.floats(width * keyPairs);
    turnedOut = scratch.floats((long) width * stride);
    sums =
        new MemorySegment[] {
          scratch.floats(sum), scratch.floats(sum), scratch.floats(sum), scratch.floats(sum)
        };
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

  /** to [keys, stride] = keys rows^T. Pairs along the width are what lies side by side. */
  private void multiply(Block block, HeadView keys, HeadView rows, MemorySegment to) {
    int stride = block.stride();
    FloatTiles.transpose(
        block.rows(),
        pairs,
        rows.at(block, block.first()),
        rows.row() / 2,
        turnedRows.address(),
        stride);
    TileProducts.bfloat16s(
        block.keys(),
        block.rows(),
        width,
        keys.at(block, 0),
        stride(keys),
        turnedRows.address(),
        stride,
        false,
        to.address(),
        stride);
  }

  @Override
  public void multiplyValues(Block block, HeadView out) {
    mix(block, inputs.v(), scores, out);
  }

  /** out [rows, width] = weights^T keys. */
  private void mix(Block block, HeadView keys, MemorySegment weights, HeadView out) {
    int stride = block.stride();
    int half = (block.keys() + 1) / 2;
    pairRows(keys.at(block, 0), keys.row(), block.keys(), half);
    FloatTiles.transpose(half, pairs, lower.address(), pairs, turnedKeys.address(), half);
    FloatTiles.transpose(
        half,
        pairs,
        upper.address(),
        pairs,
        turnedKeys.address() + (long) pairs * half * Integer.BYTES,
        half);
    long paired = (long) half * stride;
    pack(weights, paired, block.elements() - paired, packedTile);
    TileProducts.bfloat16s(
        width,
        block.rows(),
        2L * half,
        turnedKeys.address(),
        2L * half,
        packedTile.address(),
        stride,
        false,
        turnedOut.address(),
        stride);
    long plane = (long) pairs * stride;
    pack(turnedOut, plane, plane, turnedRows);
    FloatTiles.transpose(
        pairs,
        block.rows(),
        turnedRows.address(),
        stride,
        out.at(block, block.first()),
        out.row() / 2);
  }

  @Override
  public void accumulate(Block block, boolean add, Gradients gradients) {
    if (gradients.v() != null) {
      add(block, dropped, inputs.g(), add, sums[0], sums[1]);
    }
    if (gradients.k() != null) {
      add(block, gradient, inputs.q(), add, sums[2], sums[3]);
    }
    if (gradients.q() != null) {
      mix(block, inputs.k(), gradient, gradients.q());
    }
  }

  /** The planes of a sum [keys, width] = or += weights rows. */
  private void add(
      Block block,
      MemorySegment weights,
      HeadView rows,
      boolean add,
      MemorySegment lowerSum,
      MemorySegment upperSum) {
    int half = block.stride() / 2;
    packLanes(block, weights);
    pairRows(rows.at(block, block.first()), rows.row(), block.rows(), half);
    addPlane(block, lower, add, lowerSum);
    addPlane(block, upper, add, upperSum);
  }

  private void addPlane(Block block, MemorySegment plane, boolean add, MemorySegment sum) {
    TileProducts.bfloat16s(
        block.keys(),
        pairs,
        block.stride(),
        packedTile.address(),
        block.stride(),
        plane.address(),
        pairs,
        add,
        sum.address(),
        pairs);
  }

  @Override
  public void finish(Block block, int keys, Gradients gradients) {
    if (gradients.v() != null) {
      join(block, keys, sums[0], sums[1], gradients.v());
    }
    if (gradients.k() != null) {
      join(block, keys, sums[2], sums[3], gradients.k());
    }
  }

  /** Rounds two planes [keys, width / 2] into rows. */
  private void join(
      Block block, int keys, MemorySegment lowerSum, MemorySegment upperSum, HeadView to) {
    int rows = SPAN / pairs;
    for (int row = 0; row < keys; row += rows) {
      int count = Math.min(rows, keys - row);
      long start = (long) row * pairs * Integer.BYTES;
      MemorySegment.copy(lowerSum, JAVA_INT, start, first, 0, count * pairs);
      MemorySegment.copy(upperSum, JAVA_INT, start, second, 0, count * pairs);
      Bfloat16Pairs.pack(first, second, joined, count * pairs);
      for (int i = 0; i < count; i++) {
        MemorySegment.copy(
            joined, i * pairs, Everywhere.MEMORY, JAVA_INT_UNALIGNED, to.at(block, row + i), pairs);
      }
    }
  }

  /**
   * Rows {@code i} and {@code i + half} element by element into the planes [half, width / 2]; rows
   * that are not there count as zeros.
   */
  private void pairRows(long address, long stride, int count, int half) {
    int rows = SPAN / pairs;
    for (int row = 0; row < half; row += rows) {
      int length = Math.min(rows, half - row) * pairs;
      gather(address, stride, row, Math.min(count, half), first, length);
      gather(address, stride, row + half, count, second, length);
      Bfloat16Pairs.interleave(first, second, joined, other, length);
      long start = (long) row * pairs * Integer.BYTES;
      MemorySegment.copy(joined, 0, lower, JAVA_INT, start, length);
      MemorySegment.copy(other, 0, upper, JAVA_INT, start, length);
    }
  }

  private void gather(long address, long stride, int row, int end, int[] to, int length) {
    int at = 0;
    for (int i = row; i < end && at < length; i++, at += pairs) {
      MemorySegment.copy(
          Everywhere.MEMORY, JAVA_INT_UNALIGNED, address + i * stride * Short.BYTES, to, at, pairs);
    }
    Arrays.fill(to, at, Math.max(at, length), 0);
  }

  /**
   * Packs each of the first {@code count} floats with the one {@code count} later, of which only
   * {@code secondCount} are there; then come zeros.
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
      Bfloat16Pairs.pack(first, second, joined, length);
      MemorySegment.copy(joined, 0, to, JAVA_INT, at * Integer.BYTES, length);
    }
  }

  /** Packs lanes {@code i} and {@code i + half} of each key. */
  private void packLanes(Block block, MemorySegment weights) {
    int half = block.stride() / 2;
    if (block.rows() < block.stride()) {
      for (long key = 1; key <= block.keys(); key++) {
        weights.setAtIndex(JAVA_FLOAT, key * block.stride() - 1, 0);
      }
    }
    int keys = SPAN / half;
    for (int key = 0; key < block.keys(); key += keys) {
      int count = Math.min(keys, block.keys() - key);
      for (int i = 0; i < count; i++) {
        long at = (long) (key + i) * block.stride() * Float.BYTES;
        MemorySegment.copy(weights, JAVA_INT, at, first, i * half, half);
        MemorySegment.copy(
            weights, JAVA_INT, at + (long) half * Float.BYTES, second, i * half, half);
      }
      Bfloat16Pairs.pack(first, second, joined, count * half);
      MemorySegment.copy(
          joined, 0, packedTile, JAVA_INT, (long) key * half * Integer.BYTES, count * half);
    }
  }

  private long stride(HeadView view) {
    return Math.max(view.row(), width);
  }

  @Override
  public void close() {
    TileProducts.release();
  }
}
