package dev.jlora.tensor;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Records work on a device, to run it again by one call. All work whose memory is of this recorder
 * goes through it, recorded or not, on one thread and in one order.
 *
 * <p>A recording reads and writes the addresses it was made with. Tensors from outside of the work
 * must stay; those that the work makes and frees lie in memory that belongs to the recorder, which
 * other recordings of it use, too, one after the other. So no tensor that is made {@link #aside}
 * may live on: the next run of a recording could write over it.
 */
public interface WorkRecorder extends AutoCloseable {
  /**
   * Runs work now, where recordings run. What was queued before comes before it, and after after.
   */
  void aside(Runnable work);

  /**
   * Records work; nothing of it runs.
   *
   * @param origin of the random numbers in it, null if it must not draw any
   * @throws RuntimeException if something in it cannot be recorded; everything is as before then
   */
  Recorded record(Runnable work, Recording.@Nullable Origin origin);

  /** Whether the memory of all that was recorded is still there. */
  boolean intact();

  @Override
  void close();

  /** Work that was recorded; whoever asked for it closes it. */
  interface Recorded extends AutoCloseable {
    /** Runs it once more; to be called {@link WorkRecorder#aside}. */
    void run();

    /** How many kernels, copies and fills it is, if that is known. */
    OptionalInt nodes();

    @Override
    void close();
  }
}
