package dev.jlora.cuda.backend;

import dev.jlora.backend.AdamUpdates;
import dev.jlora.backend.Clipping;
import dev.jlora.backend.StepNumbers;
import dev.jlora.cuda.kernels.AdamKernels;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.OptimizerOps.AdamStep;
import dev.jlora.ops.ScalingOps;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Computes the norm of all gradients in one pass, and the update in another, which also unscales
 * and clips. Learning rate, clipping factor and step counts are read from device memory.
 */
final class CudaAdamUpdates implements AdamUpdates {
  private static final int NORM = 0;
  private static final int FACTOR = 1;
  private static final int SKIP = 3;

  private final GpuQueue queue;
  private final AdamKernels kernels;
  private final AdamUpdates composed;

  CudaAdamUpdates(GpuQueue queue, AdamUpdates composed) {
    this.queue = queue;
    this.kernels = new AdamKernels(queue.kernels());
    this.composed = composed;
  }

  /** The output of {@link AdamKernels#clip}; the gradients are unchanged until it is applied. */
  private static final class Found implements Clipping {
    private final List<Tensor> gradients;
    private final Tensor numbers;
    private boolean applied;

    Found(List<Tensor> gradients, Tensor numbers) {
      this.gradients = gradients;
      this.numbers = numbers;
    }

    @Override
    public Tensor norm() {
      return Views.select(numbers, 0, NORM);
    }

    @Override
    public Tensor skip() {
      return Views.slice(numbers, 0, SKIP, SKIP + 1);
    }

    @Override
    public void apply() {
      if (!applied) {
        applied = true;
        ScalingOps.multiply(gradients, Views.select(numbers, 0, FACTOR));
        InPlace.fill(Views.select(numbers, 0, FACTOR), 1);
      }
    }
  }

  @Override
  public Clipping clip(List<Tensor> gradients, double most, @Nullable Tensor scale) {
    if (!gradients.stream().allMatch(CudaAdamUpdates::takes)) {
      return composed.clip(gradients, most, scale);
    }
    Tensor numbers = floats(gradients, AdamKernels.CLIPPING);
    Tensor workspace = floats(gradients, AdamKernels.workspaceSize(gradients));
    kernels.clip(queue.stream(), numbers, gradients, workspace, most, scale);
    return new Found(gradients, numbers);
  }

  private static Tensor floats(List<Tensor> like, long count) {
    return Tensor.empty(DType.FLOAT32, like.getFirst().device(), count);
  }

  private static boolean takes(Tensor tensor) {
    return GpuQueue.takes(tensor.dtype()) && tensor.contiguous();
  }

  @Override
  public void step(AdamStep step, List<Slot> slots, @Nullable StepNumbers numbers) {
    boolean ours = numbers != null && numbers.clipping() instanceof Found;
    if (!ours || !slots.stream().allMatch(CudaAdamUpdates::takes)) {
      composed.step(step, slots, numbers);
      return;
    }
    kernels.step(
        queue.stream(),
        slots.stream().map(CudaAdamUpdates::slot).toList(),
        numbers.rate(),
        ((Found) numbers.clipping()).numbers,
        new AdamKernels.Rule(
            step.decoupled(), step.beta1(), step.beta2(), step.weightDecay(), step.epsilon()));
  }

  private static boolean takes(Slot slot) {
    return takes(slot.parameter())
        && takes(slot.gradient())
        && takes(slot.average())
        && takes(slot.squareAverage());
  }

  private static AdamKernels.Slot slot(Slot it) {
    return new AdamKernels.Slot(
        it.parameter(), it.gradient(), it.average(), it.squareAverage(), it.count());
  }
}
