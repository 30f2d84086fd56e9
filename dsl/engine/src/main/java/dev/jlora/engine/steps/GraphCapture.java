package dev.jlora.engine.steps;

import dev.jlora.autograd.RandomStream;
import dev.jlora.backend.DeviceCallException;
import dev.jlora.backend.DeviceSupport;
import dev.jlora.natives.NativeLoadException;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the capture stream of a run: CUDA graphs on a GPU, if the job requests them. */
public final class GraphCapture {
  private static final Logger LOG = LoggerFactory.getLogger(GraphCapture.class);

  private GraphCapture() {}

  /** The message if capturing costs a fused kernel; logged once. */
  static final String OWN_MASKS =
      "CUDA graphs: dropout on attention is jlora's own here, as libtorch's fused kernels draw"
          + " numbers that cannot be captured; probabilities then take memory by the square of the"
          + " length";

  /** The stream for dropout: one that can be captured if the settings requires it. */
  static RandomStream random(StepSettings settings, Device device) {
    Runnable told = device.kind() == Device.Kind.CUDA ? () -> LOG.warn(OWN_MASKS) : () -> {};
    return settings.capturable()
        ? RandomStream.capturable(settings.seed(), told)
        : new RandomStream(settings.seed());
  }

  /**
   * The capture stream of a run, which its stepper closes.
   *
   * @param mode {@link TrainingSpec#cudaGraphs}
   * @return null for steps without graphs; the reason is logged if a GPU cannot capture
   */
  public static @Nullable CaptureStream of(String mode, Device device) {
    return of(mode, device, it -> DeviceSupport.of(it.kind()).captureStream(it));
  }

  public static @Nullable CaptureStream of(
      String mode, Device device, Function<Device, CaptureStream> graphs) {
    if (mode.equals(TrainingSpec.OFF) || device.kind() != Device.Kind.CUDA) {
      return null;
    }
    try {
      return graphs.apply(device);
    } catch (DeviceException | DeviceCallException | NativeLoadException e) {
      LOG.warn("CUDA graphs: off, training with steps without a graph: {}", e.getMessage());
      return null;
    }
  }
}
