package dev.jlora.engine;

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

/** What records the steps of a run: CUDA graphs on a GPU, where a job wants them. */
final class GraphCapture {
  private static final Logger LOG = LoggerFactory.getLogger(GraphCapture.class);

  private GraphCapture() {}

  /** What is said once where recordings cost a fused kernel. */
  static final String OWN_MASKS =
      "CUDA graphs: dropout on attention is jlora's own here, as libtorch's fused kernels draw"
          + " numbers that cannot be recorded; probabilities then take memory by the square of the"
          + " length";

  /** The stream that dropout draws from: one that recordings bear where the recipe wants that. */
  static RandomStream random(StepRecipe recipe, Device device) {
    Runnable told = device.kind() == Device.Kind.CUDA ? () -> LOG.warn(OWN_MASKS) : () -> {};
    return recipe.recordable()
        ? RandomStream.recordable(recipe.seed(), told)
        : new RandomStream(recipe.seed());
  }

  /**
   * The recorder of a run, which its stepper closes.
   *
   * @param mode {@link TrainingSpec#cudaGraphs}
   * @return null where steps run as ever; a GPU that cannot record says why in one line
   */
  static @Nullable WorkRecorder of(String mode, Device device) {
    return of(mode, device, it -> DeviceSupport.of(it.kind()).recorder(it));
  }

  static @Nullable WorkRecorder of(
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
