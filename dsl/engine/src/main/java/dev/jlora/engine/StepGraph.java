package dev.jlora.engine;

import dev.jlora.autograd.RandomStream;
import dev.jlora.backend.DeviceCallException;
import dev.jlora.ops.InPlace;
import dev.jlora.tensor.Recording;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TorchException;
import dev.jlora.tensor.UnrecordableException;
import dev.jlora.tensor.WorkRecorder;
import org.jspecify.annotations.Nullable;

/**
 * A whole step as one recording: how many kernels, copies and fills it is, and how long it takes
 * where nobody launches them one by one.
 *
 * @param kernels 0 where that is not known
 * @param seconds of one run, the median; 0 where there was none
 * @param obstacle why it could not be recorded; null where it was
 */
record StepGraph(int kernels, double seconds, @Nullable String obstacle) {
  private static final int WARM_UP = 2;

  /** Of a device that records nothing. */
  static final StepGraph NONE = new StepGraph(0, 0, "steps are recorded on a GPU alone");

  /**
   * Records a step and runs it.
   *
   * @param random where its random numbers come from
   * @param position INT64 of one element on the device, for the place they begin at
   * @param synchronize waits until all that was queued is done
   */
  static StepGraph measure(
      WorkRecorder recorder,
      Runnable step,
      RandomStream random,
      Tensor position,
      Runnable synchronize,
      int runs) {
    for (int i = 0; i < WARM_UP; i++) {
      recorder.aside(step);
    }
    InPlace.fill(position, random.offset());
    var origin = new Recording.Origin(position, random.offset());
    try (WorkRecorder.Recorded recorded = recorder.record(step, origin)) {
      double[] seconds = new double[runs];
      for (int i = -WARM_UP; i < runs; i++) {
        synchronize.run();
        long start = System.nanoTime();
        recorder.aside(recorded::run);
        synchronize.run();
        if (i >= 0) {
          seconds[i] = (System.nanoTime() - start) / 1e9;
        }
      }
      return new StepGraph(recorded.nodes().orElse(0), StepReport.median(seconds), null);
    } catch (UnrecordableException | TorchException | DeviceCallException e) {
      return new StepGraph(
          0, 0, String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown"));
    }
  }
}
