package dev.jlora.engine.training;

import dev.jlora.backend.DeviceCallException;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.tensor.DeviceException;
import dev.jlora.tensor.TorchException;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Explains that a GPU is out of memory: the expected memory, the memory in use, and the settings
 * that reduce it.
 */
final class OutOfDeviceMemory {
  private static final double MEBI = 1 << 20;

  private OutOfDeviceMemory() {}

  /**
   * The failure with an explanation, or the failure itself if it has another cause.
   *
   * @param used peak bytes of tensors on GPUs; 0 without a GPU
   * @param forecast the expected memory, computed only if memory is the cause
   * @param batch rows of a micro-batch
   */
  static RuntimeException explained(
      RuntimeException failure, long used, Supplier<Plan.Memory> forecast, int batch) {
    boolean certain = isOne(failure);
    if (!certain && !(used > 0 && failure instanceof TorchException torch && !torch.reasoned())) {
      return failure;
    }
    Plan.Memory plan;
    try {
      plan = forecast.get();
    } catch (RuntimeException e) { // the run failed for its own reason, which says more
      failure.addSuppressed(e);
      return failure;
    }
    return new DeviceException(
        String.format(
            Locale.ROOT,
            "%s The plan was %,.0f MiB (weights %,.0f, activations up to %,.0f); tensors took up to"
                + " %,.0f MiB. Checkpoints that were written are intact.",
            certain
                ? "The GPU is out of memory."
                : failure.getMessage() + "; as a rule the GPU is out of memory then.",
            plan.total() / MEBI,
            plan.weights() / MEBI,
            plan.activations() / MEBI,
            used / MEBI),
        String.format(
            Locale.ROOT,
            "a batch of %d with twice the gradient_accumulation_steps frees about %,.0f MiB, a"
                + " shorter data.max_length as much in its proportion, bf16 in place of fp32 half"
                + " of weights and activations, gradient_checkpointing most of the activations;"
                + " then continue with resume",
            Math.max(1, batch / 2),
            plan.activations() / 2 / MEBI),
        failure);
  }

  /** Whether libtorch's allocator, the driver or cuBLAS is out of memory. */
  private static boolean isOne(RuntimeException failure) {
    if (failure instanceof DeviceCallException call) {
      return call.outOfMemory();
    }
    String text = String.valueOf(failure.getMessage());
    return failure instanceof TorchException
        && text.toLowerCase(Locale.ROOT).contains("out of memory");
  }
}
