package dev.jlora.cuda.kernels;

import dev.jlora.tensor.Capture;

/**
 * The numbers that generate a dropout mask, the same as on the CPU, where they give the same mask.
 *
 * @param seed of the random stream
 * @param offset of the first number, a multiple of 8192
 * @param keep number of the 65536 values of sixteen random bits that keep an element
 */
public record Mask(long seed, long offset, int keep) {
  /** Drops nothing. */
  public static final Mask NONE = new Mask(0, 0, Mask.ALL);

  static final int ALL = 1 << 16;

  /** Counters of a tile. */
  static final int COUNTERS = 1024;

  static final int TILE = 8 * COUNTERS;

  /**
   * @throws IllegalArgumentException for an offset that is not the start of a tile
   */
  public Mask {
    if (offset < 0 || offset % TILE != 0 || keep < 0 || keep > ALL) {
      throw new IllegalArgumentException(
          "mask: got offset %d and keep %d, expected a multiple of %d and 0 to %d"
              .formatted(offset, keep, TILE, ALL));
    }
  }

  /** Whether no element is dropped. */
  public boolean keepsAll() {
    return keep == ALL;
  }

  /** The factor for kept elements that preserves the expected value. */
  public double scale() {
    return keep == 0 ? 0 : (double) ALL / keep;
  }

  /** The first counter; during a capture relative to {@link #origin()}. */
  long firstCounter() {
    Capture.Origin origin = Capture.origin();
    return (origin == null ? offset : offset - origin.offset()) / TILE * COUNTERS;
  }

  /**
   * The address of the value that kernels add to {@link #firstCounter()}, 0 for none.
   *
   * @throws dev.jlora.tensor.CaptureException during a capture without an origin: every replay
   *     would draw the same masks
   */
  static long origin() {
    Capture.Origin origin = Capture.origin();
    if (origin == null) {
      Capture.reject("dropout without a position on the device");
    }
    return origin == null ? 0 : origin.position().address();
  }
}
