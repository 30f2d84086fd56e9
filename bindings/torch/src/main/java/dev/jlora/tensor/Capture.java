package dev.jlora.tensor;

import org.jspecify.annotations.Nullable;

/**
 * A period in which this thread's work is captured for later replay. The work does not run now, and
 * the memory that it reads and writes must stay at the same addresses.
 *
 * <p>Operations that cannot be captured are rejected in Java: reading a value on the host, copying
 * from the host, drawing from libtorch's generator. In libtorch some of these would break the
 * capture, and the last would end the process.
 */
public final class Capture implements AutoCloseable {
  private static final ThreadLocal<@Nullable Capture> CURRENT = new ThreadLocal<>();

  private final @Nullable Origin origin;

  private Capture(@Nullable Origin origin) {
    this.origin = origin;
  }

  /**
   * Base of the random numbers in captured work: a position that is set before each replay.
   *
   * @param position one-element INT64 on the device: the offset in the random stream
   * @param offset the offset that this position stands for during the capture
   */
  public record Origin(Tensor position, long offset) {}

  /**
   * Begins a capture; the caller closes it.
   *
   * @param origin of random numbers, null if the work must not draw any
   * @throws IllegalStateException if a capture is active already
   */
  public static Capture begin(@Nullable Origin origin) {
    if (CURRENT.get() != null) {
      throw new IllegalStateException("a capture is active on this thread; end it first");
    }
    Capture capture = new Capture(origin);
    CURRENT.set(capture);
    return capture;
  }

  /** The base of random numbers; null without a capture, or in one without random numbers. */
  public static @Nullable Origin origin() {
    Capture capture = CURRENT.get();
    return capture == null ? null : capture.origin;
  }

  /** Whether this thread's work is being captured. */
  public static boolean active() {
    return CURRENT.get() != null;
  }

  /**
   * Rejects an operation during a capture; otherwise does nothing.
   *
   * @param what the operation, as the beginning of a sentence that ends in "cannot be captured"
   * @throws CaptureException during a capture
   */
  public static void reject(String what) {
    if (active()) {
      throw new CaptureException(what + " cannot be captured");
    }
  }

  @Override
  public void close() {
    CURRENT.remove();
  }
}
