package dev.jlora.kernels;

/**
 * Tiling of the attention scores: for each head, blocks of query rows whose scores fit into a
 * core's L2 cache. A function of the shapes only, never of the number of threads.
 *
 * <p>The tile of a block holds its scores transposed, [keys, stride]: the values of one query (its
 * maximum, its sum) are one of {@code stride} adjacent lanes, and loops over several keys at once
 * need no reduction. Loops run over spans of whole keys, at most {@value #SPAN} elements.
 *
 * @param rows query rows of a head, s
 * @param keys of a head, t
 * @param width of a head, d, even
 * @param blockRows query rows of every block but the last
 */
record AttentionTiling(
    int batch, int heads, int rows, int keys, int width, boolean causal, int blockRows) {
  /** Elements of a span, the number of counters in a dropout tile. */
  static final int SPAN = Threefry.BLOCKS;

  private static final int SLOTS = Threefry.TILE / Threefry.BLOCKS;
  private static final int TILE_ELEMENTS = 64 * 1024;
  private static final int CAUSAL_ROWS = 64;
  private static final int LANES = 16;

  /** One block of one head. */
  record Block(int batch, int head, int first, int rows, int stride, int keys, long number) {
    /** Number of keys in a span. */
    int spanKeys() {
      return Math.max(1, SPAN / stride);
    }

    int spans() {
      return (keys + spanKeys() - 1) / spanKeys();
    }

    long elements() {
      return (long) keys * stride;
    }
  }

  static AttentionTiling of(
      long batch, long heads, long rows, long keys, long width, boolean causal) {
    long most = Math.clamp(TILE_ELEMENTS / Math.max(keys, 1), LANES, SPAN);
    if (causal) {
      most = Math.min(most, CAUSAL_ROWS);
    }
    long count = Math.max(1, (rows + most - 1) / most);
    long even = (rows + count - 1) / count;
    long block = count == 1 ? rows : Math.min((even + LANES - 1) / LANES * LANES, SPAN);
    return new AttentionTiling(
        (int) batch, (int) heads, (int) rows, (int) keys, (int) width, causal, (int) block);
  }

  /** Blocks of one head. */
  int blocks() {
    return (rows + blockRows - 1) / blockRows;
  }

  /** Blocks of all heads. */
  long count() {
    return (long) batch * heads * blocks();
  }

  /** Heads of all sequences, each with {@link #blocks()} blocks. */
  long headCount() {
    return (long) batch * heads;
  }

  /** Elements of the largest tile. */
  long tileElements() {
    return (long) keys * even(blockRows);
  }

  /** The block with a number from 0 to {@link #count()}; the blocks of a head are consecutive. */
  Block block(long number) {
    int blocks = blocks();
    long pair = number / blocks;
    int first = (int) (number % blocks) * blockRows;
    int count = Math.min(blockRows, rows - first);
    int seen = causal ? Math.min(keys, first + count) : keys;
    return new Block(
        (int) (pair / heads), (int) (pair % heads), first, count, even(count), seen, number);
  }

  /** Number of keys that some query attends to; later keys have no gradient. */
  int keysSeen() {
    return causal ? Math.min(keys, rows) : keys;
  }

  /**
   * Tiles of the random generator that a block uses: a span uses one half of one word of as many
   * counters as it has elements.
   */
  long dropTiles() {
    int spanKeys = Math.max(1, SPAN / even(blockRows));
    int spans = (keys + spanKeys - 1) / spanKeys;
    return (spans + SLOTS - 1) / SLOTS;
  }

  /** Number of random numbers that dropout uses. */
  long numbers() {
    return count() * dropTiles() * Threefry.TILE;
  }

  static int even(int rows) {
    return (rows + 1) / 2 * 2;
  }
}
