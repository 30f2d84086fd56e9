package dev.jlora.cuda.kernels;

import dev.jlora.tensor.Recording;

/**
 * The numbers that generate the mask of a dropout: the same as on the CPU, which they give the same
 * mask there.
 *
 * @param seed of the random stream
 * @param offset of the first number, a multiple of 8192
 * @param keep how many of 65536 values of sixteen random bits keep an element
 */
public record Mask(long seed, long offset, int keep) {
  /** Drops nothing. */
  public static final Mask NONE = new Mask(0, 0, Mask.ALL);

  static final int ALL = 1 << 16;

  /** Counters of a tile, and elements that they decide. */
  static final int COUNTERS = 1024;

  static final int TILE = 8 * COUNTERS;

  /**
   * @throws IllegalArgumentException for an offset where no draw begins
   */
  public Mask {
    if (offset < 0 || offset % TILE != 0 || keep < 0 || keep > ALL) {
      throw new IllegalArgumentException(
          "mask: got offset %d and keep %d, expected a multiple of %d and 0 to %d"
              .formatted(offset, keep, TILE, ALL));
    }
  }

  /** Whether every element stays. */
  public boolean keepsAll() {
    return keep == ALL;
  }

  /** What kept elements are multiplied with, so that the expected value stays. */
  public double scale() {
    return keep == 0 ? 0 : (double) ALL / keep;
  }

  /** The first counter; from {@link #origin()} while work is recorded. */
  long firstCounter() {
    Recording.Origin origin = Recording.origin();
    return (origin == null ? offset : offset - origin.offset()) / TILE * COUNTERS;
  }

  /**
   * The address of what kernels add to {@link #firstCounter()}, 0 for nothing.
   *
   * @throws dev.jlora.tensor.UnrecordableException where work is recorded without an origin: its
   *     masks would be the same ever after
   */
  static long origin() {
    Recording.Origin origin = Recording.origin();
    if (origin == null) {
      Recording.refuse("dropout without a position on the device");
    }
    return origin == null ? 0 : origin.position().address();
  }
}
