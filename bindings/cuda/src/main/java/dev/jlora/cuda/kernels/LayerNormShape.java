package dev.jlora.cuda.kernels;

import dev.jlora.cuda.LaunchShape;

/**
 * Distribution of rows over blocks and threads.
 *
 * <p>A row stays in the registers of the threads that share it: one warp for up to 1024 columns, so
 * that its sums need no barrier, and a whole block for more. With dropout, a block takes as many
 * rows as fill whole tiles of the random generator, because one of its numbers decides elements
 * that are far apart; but not so many that multiprocessors stay idle.
 *
 * @param rows of the input
 * @param columns of a row
 * @param threads of a block
 * @param rowThreads number of threads that share a row
 * @param blockRows rows of a block
 * @param sharedBytes of a block's mask
 */
record LayerNormShape(
    long rows, int columns, int threads, int rowThreads, int blockRows, int sharedBytes) {
  static final int MOST_COLUMNS = 65536;
  private static final int WARP_COLUMNS = 1024;
  private static final int ELEMENTS_PER_THREAD = 32;
  private static final int WARPS = 8;
  private static final int MOST_BLOCK_ELEMENTS = 16 * Mask.TILE;
  private static final int BLOCKS_PER_MULTIPROCESSOR = 4;

  static LayerNormShape of(
      long rows, int columns, boolean dropping, boolean parameterGradients, int multiprocessors) {
    if (columns < 1 || columns > MOST_COLUMNS || rows < 1) {
      throw new IllegalArgumentException(
          "layer norm: got %d rows of %d, expected 1 or more rows of 1 to %d"
              .formatted(rows, columns, MOST_COLUMNS));
    }
    int rowThreads =
        columns <= WARP_COLUMNS
            ? LaunchShape.WARP
            : Math.min(1024, powerOfTwo(Math.ceilDiv(columns, ELEMENTS_PER_THREAD)));
    int threads = rowThreads == LaunchShape.WARP ? WARPS * LaunchShape.WARP : rowThreads;
    int groups = threads / rowThreads;
    long share = Math.max(1, rows / ((long) multiprocessors * BLOCKS_PER_MULTIPROCESSOR));
    long blockRows = groups;
    if (dropping) {
      long whole = Mask.TILE / gcd(Mask.TILE, columns);
      blockRows = whole * columns <= MOST_BLOCK_ELEMENTS ? whole : Math.ceilDiv(Mask.TILE, columns);
      blockRows = Math.min(blockRows, Math.ceilDiv(rows, multiprocessors));
      blockRows = Math.max(blockRows, Math.min(groups, rows));
    }
    if (parameterGradients) {
      blockRows = Math.max(blockRows, Math.ceilDiv(share, groups) * groups);
    }
    blockRows = Math.min(blockRows, rows);
    if (dropping) {
      blockRows = Math.max(1, Math.min(blockRows, MOST_BLOCK_ELEMENTS / columns));
    }
    int shared = dropping ? tiles(blockRows * columns) * Mask.COUNTERS : 0;
    return new LayerNormShape(rows, columns, threads, rowThreads, (int) blockRows, shared);
  }

  /** Number of tiles that a block's elements can touch. */
  private static int tiles(long elements) {
    long tiles = Math.ceilDiv(elements, Mask.TILE);
    return (int) (elements % Mask.TILE == 0 ? tiles : tiles + 1);
  }

  int blocks() {
    return Math.toIntExact(Math.ceilDiv(rows, blockRows));
  }

  /** Number of rows of partial sums of parameter gradients: one for each group of threads. */
  int partialRows() {
    return blocks() * (threads / rowThreads);
  }

  LaunchShape launch() {
    return LaunchShape.of(blocks(), threads).withShared(sharedBytes);
  }

  private static int powerOfTwo(int atLeast) {
    return Integer.highestOneBit(Math.max(1, atLeast - 1)) << 1;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
