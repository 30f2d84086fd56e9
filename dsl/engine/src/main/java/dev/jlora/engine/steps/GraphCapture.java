package dev.jlora.engine.steps;

import dev.jlora.autograd.RandomStream;
import dev.jlora.backend.DeviceCallException;
import dev.jlora.backend.DeviceSupport;
import dev.jlora.natives.NativeLoadException;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import dev.jlora.tensor.WorkRecorder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the recorder of a run: CUDA graphs on a GPU, if the job requests them. */
public final class GraphCapture {
  private static final Logger LOG = LoggerFactory.getLogger(GraphCapture.class);

  private GraphCapture() {}

  /** The message if capturing costs a fused kernel; logged once. */
  static final String OWN_MASKS =
      "CUDA graphs: dropout on attention is jlora's own here, as libtorch's fused kernels draw"
          + " numbers that cannot be recorded; probabilities then take memory by the square of the"
          + " length";

  /** The stream for dropout: one that can be captured if the settings requires it. */
  static RandomStream random(StepSettings settings, Device device) {
    Runnable told = device.kind() == Device.Kind.CUDA ? () -> LOG.warn(OWN_MASKS) : () -> {};
    return settings.recordable()
        ? RandomStream.recordable(settings.seed(), told)
        : new RandomStream(settings.seed());
  }

  /**
   * The recorder of a run, which its stepper closes.
   *
   * @param mode {@link TrainingSpec#cudaGraphs}
   * @return null for steps without graphs; the reason is logged if a GPU cannot capture
   */
  public static @Nullable WorkRecorder of(String mode, Device device) {
    return of(mode, device, it -> DeviceSupport.of(it.kind()).recorder(it));
  }

  public static @Nullable WorkRecorder of(
      String mode, Device device, Function<Device, WorkRecorder> graphs) {
    if (mode.equals(TrainingSpec.OFF) || device.kind() != Device.Kind.CUDA) {
      return null;
    }
    try {
      return graphs.apply(device);
    } catch (DeviceException | DeviceCallException | NativeLoadException e) {
      LOG.warn("CUDA graphs: off, steps run as ever: {}", e.getMessage());
      return null;
    }
  }
}
