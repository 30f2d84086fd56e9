package dev.jlora.autograd;

import dev.jlora.kernels.DropMask;
import dev.jlora.kernels.Threefry;
import org.jspecify.annotations.Nullable;

/**
 * A position in an endless sequence of random numbers. The sequence is a pure function of seed and
 * position (see {@link Threefry}), so (seed, offset) is all there is to save and restore, and
 * whoever remembers the position of a draw can draw the same numbers again: the mask of a dropout
 * is never stored.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class RandomStream {
  /** Offsets are multiples of this: one tile of the generator. */
  static final int GRAIN = Threefry.TILE;

  private final long seed;
  private final @Nullable Runnable told;
  private boolean tellsNoMore;
  private long offset;

  /** The stream of a seed, at its start. */
  public RandomStream(long seed) {
    this(seed, null);
  }

  private RandomStream(long seed, @Nullable Runnable told) {
    this.seed = seed;
    this.told = told;
  }

  /**
   * A stream for work that is to be recorded on a GPU. Nothing that draws from it leaves its mask
   * to libtorch's generator, which no recording bears: attention with dropout does without the
   * fused kernels, recorded or not, so that the masks of a run are the same either way.
   *
   * @param told run once, before the first attention that has to do without its fused kernel
   */
  public static RandomStream recordable(long seed, Runnable told) {
    return new RandomStream(seed, told);
  }

  /** What the stream started from; with {@link #offset} its whole state. */
  public long seed() {
    return seed;
  }

  /** Where the next draw begins. */
  public long offset() {
    return offset;
  }

  /**
   * Moves to an offset that {@link #offset()} gave before.
   *
   * @throws IllegalArgumentException if no draw can begin there
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

  /** Whether a mask may come from libtorch's generator; where not, whoever made this is told so. */
  boolean lendsToLibtorch() {
    if (told != null && !tellsNoMore) {
      tellsNoMore = true;
      told.run();
    }
    return told == null;
  }

  /** Draws the mask of {@code count} elements of which a share {@code p} is to be dropped. */
  DropMask mask(double p, long count) {
    DropMask mask = DropMask.of(seed, offset, p); // refuses p before anything is drawn
    take(count);
    return mask;
  }
}
