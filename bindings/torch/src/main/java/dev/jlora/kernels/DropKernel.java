package dev.jlora.kernels;

import dev.jlora.tensor.Device;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * out = addend + mask * x * factor over native memory, tile by tile: first the random words of a
 * tile, then its elements, copied into scratch arrays that stay in the L1 cache. The loops have no
 * branches and use one index for all arrays, so that C2 vectorizes them.
 *
 * <p>Runs on libtorch's threads, each with a share of the tiles. Tiles are independent, so the
 * result does not depend on their distribution.
 */
final class DropKernel {
  private static final int MIN_TILES_PER_THREAD = 2;

  private DropKernel() {}

  /** Processes the elements of a tile, with scratch memory of its own. */
  interface Tile {
    /**
     * Processes the elements from {@code start}.
     *
     * @param count at most {@link Threefry#TILE}
     */
    void run(Threefry random, long tile, long start, int count);
  }

  /** Creates the worker of one thread over the bytes of the three tensors. */
  interface Worker {
    Tile over(MemorySegment out, MemorySegment x, @Nullable MemorySegment addend);
  }

  /**
   * Runs over three contiguous tensors with the same shape and dtype; they may be the same tensor.
   */
  static void run(DropMask mask, Worker worker, Tensor out, Tensor x, @Nullable Tensor addend) {
    if (x.device().kind() != Device.Kind.CPU) {
      throw new UnsupportedOperationException(
          "dropout: got a tensor on " + x.device() + ", expected one on the CPU");
    }
    long elements = x.elements();
    long tiles = (elements + Threefry.TILE - 1) / Threefry.TILE;
    long firstTile = mask.offset() / Threefry.TILE;
    MemorySegment to = HostMemory.of(out);
    MemorySegment from = HostMemory.of(x);
    MemorySegment plus = addend == null ? null : HostMemory.of(addend);
    Parallel.forRange(
        0,
        tiles,
        MIN_TILES_PER_THREAD,
        (begin, end) -> {
          Threefry random = Threefry.ofThread(mask.seed());
          Tile tile = worker.over(to, from, plus);
          for (long index = begin; index < end; index++) {
            long start = index * Threefry.TILE;
            int count = (int) Math.min(Threefry.TILE, elements - start);
            tile.run(random, firstTile + index, start, count);
          }
        });
  }
}
