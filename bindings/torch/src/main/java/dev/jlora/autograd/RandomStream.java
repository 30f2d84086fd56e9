package dev.jlora.autograd;

import dev.jlora.kernels.DropMask;
import dev.jlora.kernels.Threefry;
import org.jspecify.annotations.Nullable;

/**
 * A position in an infinite sequence of random numbers. The sequence is a pure function of seed and
 * position (see {@link Threefry}), so (seed, offset) is its whole state, and the numbers of a draw
 * can be recomputed from its position: dropout masks are never stored.
 *
 * <p>Not thread-safe.
 */
public final class RandomStream {
  /** Offsets are multiples of this: one tile of the generator. */
  static final int GRAIN = Threefry.TILE;

  private final long seed;
  private final @Nullable Runnable told;
  private boolean tellsNoMore;
  private long offset;

  /** A stream with a seed, at its start. */
  public RandomStream(long seed) {
    this(seed, null);
  }

  private RandomStream(long seed, @Nullable Runnable told) {
    this.seed = seed;
    this.told = told;
  }

  /**
   * A stream for work that is to be captured on a GPU. Its masks never come from libtorch's
   * generator, which cannot be captured: attention with dropout does not use the fused kernels,
   * captured or not, so that the masks of a run are the same in both cases.
   *
   * @param told called once, before the first attention that cannot use its fused kernel
   */
  public static RandomStream capturable(long seed, Runnable told) {
    return new RandomStream(seed, told);
  }

  /** The seed; with {@link #offset} the whole state. */
  public long seed() {
    return seed;
  }

  /** The position of the next draw. */
  public long offset() {
    return offset;
  }

  /**
   * Sets the position to an earlier result of {@link #offset()}.
   *
   * @throws IllegalArgumentException if the offset is not a valid position
   */
  public void seek(long offset) {
    if (offset < 0 || offset % GRAIN != 0) {
      throw new IllegalArgumentException(
          "random stream: got offset %d, expected a multiple of %d, as offset() returns"
              .formatted(offset, GRAIN));
    }
    this.offset = offset;
  }

  /**
   * Reserves {@code count} numbers, rounded up to whole tiles.
   *
   * @return the offset of the first
   */
  public long take(long count) {
    if (count < 0) {
      throw new IllegalArgumentException(
          "random stream: got a count of " + count + ", expected none or more");
    }
    long first = offset;
    offset = Math.addExact(offset, (count + GRAIN - 1) / GRAIN * GRAIN);
    return first;
  }

  /**
   * Whether a mask may come from libtorch's generator; if not, notifies the creator of this stream.
   */
  boolean lendsToLibtorch() {
    if (told != null && !tellsNoMore) {
      tellsNoMore = true;
      told.run();
    }
    return told == null;
  }

  /** Draws a mask for {@code count} elements that are dropped with probability {@code p}. */
  DropMask mask(double p, long count) {
    DropMask mask = DropMask.of(seed, offset, p); // refuses p before anything is drawn
    take(count);
    return mask;
  }
}
