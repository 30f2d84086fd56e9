package dev.jlora.engine.benchmarks;

import dev.jlora.autograd.RandomStream;
import dev.jlora.backend.DeviceCallException;
import dev.jlora.ops.InPlace;
import dev.jlora.tensor.Capture;
import dev.jlora.tensor.CaptureException;
import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TorchException;
import org.jspecify.annotations.Nullable;

/**
 * A whole step as one graph: its number of kernels, copies and fills, and its time without
 * individual launches.
 *
 * @param kernels 0 if unknown
 * @param seconds of one run, the median; 0 if there was none
 * @param obstacle the reason why it could not be captured, or null
 */
record StepGraph(int kernels, double seconds, @Nullable String obstacle) {
  private static final int WARM_UP = 2;

  /** For devices without captures. */
  static final StepGraph NONE = new StepGraph(0, 0, "steps are captured on GPUs only");

  /**
   * Captures a step and runs it.
   *
   * @param random the stream of its random numbers
   * @param position one-element INT64 on the device: their position
   * @param synchronize waits for all queued work
   */
  static StepGraph measure(
      CaptureStream captures,
      Runnable step,
      RandomStream random,
      Tensor position,
      Runnable synchronize,
      int runs) {
    for (int i = 0; i < WARM_UP; i++) {
      captures.aside(step);
    }
    InPlace.fill(position, random.offset());
    var origin = new Capture.Origin(position, random.offset());
    try (CaptureStream.Captured recorded = captures.capture(step, origin)) {
      double[] seconds = new double[runs];
      for (int i = -WARM_UP; i < runs; i++) {
        synchronize.run();
        long start = System.nanoTime();
        captures.aside(recorded::run);
        synchronize.run();
        if (i >= 0) {
          seconds[i] = (System.nanoTime() - start) / 1e9;
        }
      }
      return new StepGraph(recorded.nodes().orElse(0), StepReport.median(seconds), null);
    } catch (CaptureException | TorchException | DeviceCallException e) {
      return new StepGraph(
          0, 0, String.valueOf(e.getMessage()).lines().findFirst().orElse("unknown"));
    }
  }
}
