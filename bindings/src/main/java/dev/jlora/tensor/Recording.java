package dev.jlora.tensor;

import org.jspecify.annotations.Nullable;

/**
 * The time in which this thread's work is recorded, to be run later and often: nothing of it runs
 * now, and what it reads and writes has to stay where it is.
 *
 * <p>What such work cannot do is refused here, in Java: to look at a number, to bring one from the
 * host, to draw from libtorch's generator. libtorch would answer some of these with a broken
 * recording, and the last one with the end of the process.
 */
public final class Recording implements AutoCloseable {
  private static final ThreadLocal<@Nullable Recording> CURRENT = new ThreadLocal<>();

  private final @Nullable Origin origin;

  private Recording(@Nullable Origin origin) {
    this.origin = origin;
  }

  /**
   * Where the random numbers of the recorded work are counted from: a position that is set anew
   * before each run.
   *
   * @param position INT64 of one element on the device: the offset in the random stream
   * @param offset what that is for the numbers that the work asks for while it is recorded
   */
  public record Origin(Tensor position, long offset) {}

  /**
   * Begins; the caller closes it.
   *
   * @param origin of random numbers, null if the work must not draw any
   * @throws IllegalStateException inside of another recording
   */
  public static Recording begin(@Nullable Origin origin) {
    if (CURRENT.get() != null) {
      throw new IllegalStateException("a recording is underway on this thread; end it first");
    }
    Recording recording = new Recording(origin);
    CURRENT.set(recording);
    return recording;
  }

  /** Where random numbers are counted from; null outside of a recording, and in one without. */
  public static @Nullable Origin origin() {
    Recording recording = CURRENT.get();
    return recording == null ? null : recording.origin;
  }

  /** Whether this thread's work is being recorded. */
  public static boolean underway() {
    return CURRENT.get() != null;
  }

  /**
   * Refuses something while work is recorded; otherwise does nothing.
   *
   * @param what it is, as the beginning of a sentence that ends in "cannot be recorded"
   * @throws UnrecordableException while work is recorded
   */
  public static void refuse(String what) {
    if (underway()) {
      throw new UnrecordableException(what + " cannot be recorded");
    }
  }

  @Override
  public void close() {
    CURRENT.remove();
  }
}
