package dev.jlora.cuda;

/**
 * Number of blocks and threads of a launch.
 *
 * @param gridX blocks
 * @param gridY rows of blocks
 * @param threads of a block, whole warps
 * @param sharedBytes dynamic shared memory of a block
 */
public record LaunchShape(int gridX, int gridY, int threads, int sharedBytes) {
  /** Number of threads in a warp. */
  public static final int WARP = 32;

  private static final int MOST_THREADS = 1024;
  private static final int MOST_ROWS = 65535;

  /**
   * @throws IllegalArgumentException for a shape that no GPU can run
   */
  public LaunchShape {
    if (gridX < 1
        || gridY < 1
        || gridY > MOST_ROWS
        || threads < WARP
        || threads > MOST_THREADS
        || threads % WARP != 0
        || sharedBytes < 0) {
      throw new IllegalArgumentException(
          ("launch: got %d x %d blocks of %d threads with %d bytes, expected 1 or more blocks, at"
                  + " most %d rows of them, and 32 to 1024 threads in whole warps")
              .formatted(gridX, gridY, threads, sharedBytes, MOST_ROWS));
    }
  }

  /** A row of blocks. */
  public static LaunchShape of(long blocks, int threads) {
    return new LaunchShape(Math.toIntExact(blocks), 1, threads, 0);
  }

  /** Enough blocks for one thread per item. */
  public static LaunchShape covering(long work, int threads) {
    return of(Math.max(1, Math.ceilDiv(work, threads)), threads);
  }

  /** This shape with dynamic shared memory. */
  public LaunchShape withShared(int bytes) {
    return new LaunchShape(gridX, gridY, threads, bytes);
  }

  /** This shape with several rows of blocks. */
  public LaunchShape withRows(int rows) {
    return new LaunchShape(gridX, rows, threads, sharedBytes);
  }
}
