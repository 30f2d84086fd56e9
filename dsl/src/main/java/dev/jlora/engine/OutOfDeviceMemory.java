package dev.jlora.engine;

import dev.jlora.tensor.Device;
import dev.jlora.tensor.DeviceException;
import dev.jlora.tensor.TensorMemory;
import dev.jlora.tensor.TorchException;
import java.util.Locale;

/** Says of a GPU without room what was expected, what is in use, and what frees how much. */
final class OutOfDeviceMemory {
  private static final double MEBI = 1 << 20;

  private OutOfDeviceMemory() {}

  /**
   * The failure in words that help, or the failure itself if it is another one.
   *
   * @param plan what the job was estimated to take
   * @param batch rows of a micro-batch
   */
  static RuntimeException explained(TorchException failure, Plan.Memory plan, int batch) {
    String text = String.valueOf(failure.getMessage());
    if (!text.toLowerCase(Locale.ROOT).contains("out of memory")) {
      return failure;
    }
    return new DeviceException(
        String.format(
            Locale.ROOT,
            "The GPU is out of memory. The plan was %,.0f MiB (weights %,.0f, activations up to"
                + " %,.0f); tensors take %,.0f MiB. Checkpoints that were written are intact.",
            plan.total() / MEBI,
            plan.weights() / MEBI,
            plan.activations() / MEBI,
            TensorMemory.liveBytes(Device.Kind.CUDA) / MEBI),
        String.format(
            Locale.ROOT,
            "a batch of %d with twice the gradient_accumulation_steps frees about %,.0f MiB, a"
                + " shorter data.max_length as much in its proportion, bf16 in place of fp32 half"
                + " of weights and activations; then go on with resume",
            Math.max(1, batch / 2),
            plan.activations() / 2 / MEBI),
        failure);
  }
}
