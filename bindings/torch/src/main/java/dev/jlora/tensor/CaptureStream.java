package dev.jlora.tensor;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Captures work on a device for replay with a single call. All work that uses this stream's memory
 * goes through it, captured or not, on one thread and in one order.
 *
 * <p>A capture reads and writes the addresses it was made with. Tensors from outside of the work
 * must persist. Tensors that the work creates and frees use memory of the stream, which its other
 * captures use as well, one after the other. A tensor created {@link #aside} must therefore not
 * outlive the work: the next replay could overwrite it.
 */
public interface CaptureStream extends AutoCloseable {
  /**
   * Runs work now, on the stream of the captures, ordered after everything queued before and before
   * everything queued later.
   */
  void aside(Runnable work);

  /**
   * Captures work without running it.
   *
   * @param origin of the random numbers in it, null if it must not draw any
   * @throws RuntimeException if something in it cannot be captured; the state is then unchanged
   */
  Captured capture(Runnable work, Capture.@Nullable Origin origin);

  /** Whether the memory of all captures is still valid. */
  boolean intact();

  @Override
  void close();

  /** Captured work; the caller closes it. */
  interface Captured extends AutoCloseable {
    /** Replays the work; call it inside {@link CaptureStream#aside}. */
    void run();

    /** Number of kernels, copies and fills, if known. */
    OptionalInt nodes();

    @Override
    void close();
  }
}
