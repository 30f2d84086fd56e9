package dev.jlora.cuda.kernels;

import dev.jlora.cuda.Kernel;
import dev.jlora.cuda.KernelArguments;
import dev.jlora.cuda.KernelBuild;
import dev.jlora.cuda.Kernels;
import dev.jlora.cuda.LaunchShape;
import dev.jlora.cuda.Stream;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Adam and AdamW over all tensors of a model in one or two launches per {@value TensorList#TENSORS}
 * tensors, and clipping by the norm of all gradients. The norm stays on the device, so nothing
 * waits for it; if it is not finite, a step changes nothing.
 *
 * <p>Gradients have the parameter's dtype; averages have the same dtype or FLOAT32.
 */
public final class AdamKernels {
  /** Number of values that {@link #clip} writes. */
  public static final int CLIPPING = 4;

  private static final int THREADS = 256;
  private static final int CLIP_THREADS = 1024;

  private record Key(DType dtype, boolean floatState, int threads, String function) {}

  private final Kernels kernels;
  private final Operands operands;
  private final Map<Key, Kernel> byKey = new ConcurrentHashMap<>();

  /** Kernels on one GPU. */
  public AdamKernels(Kernels kernels) {
    this.kernels = kernels;
    this.operands = new Operands("adam", kernels.device());
  }

  /**
   * A parameter with its gradient and its two moments, all contiguous and of the same shape.
   *
   * @param steps taken so far, FLOAT32 [1]
   */
  public record Slot(
      Tensor parameter, Tensor gradient, Tensor average, Tensor squareAverage, Tensor steps) {}

  /**
   * Settings that are the same for all steps.
   *
   * @param decoupled whether weight decay shrinks the parameter itself (AdamW) or is added to the
   *     gradient
   */
  public record Rule(
      boolean decoupled, double beta1, double beta2, double weightDecay, double epsilon) {}

  /** Size in floats of the workspace for {@link #clip}. */
  public static int workspaceSize(List<Tensor> gradients) {
    return Math.max(1, gradients.stream().mapToInt(it -> TensorList.chunks(it.elements())).sum());
  }

  /**
   * Computes the norm of all gradients and the factor for a step.
   *
   * @param clipping FLOAT32 [{@value #CLIPPING}]: the norm of the unscaled gradients; the factor
   *     (including unscaling); 1 if the norm is finite, else 0; and 1 minus that
   * @param gradients contiguous, any of the three dtypes
   * @param workspace FLOAT32 [{@link #workspaceSize}]
   * @param most the maximum norm; 0 for no limit
   * @param scale the loss scale, FLOAT32 [1]; null for none
   */
  public void clip(
      Stream stream,
      Tensor clipping,
      List<Tensor> gradients,
      Tensor workspace,
      double most,
      @Nullable Tensor scale) {
    int size = workspaceSize(gradients);
    operands.check("clipping", clipping, DType.FLOAT32, CLIPPING);
    operands.check("the workspace", workspace, DType.FLOAT32, size);
    operands.check("the scale", scale, DType.FLOAT32, 1);
    int written = 0;
    for (DType dtype : DType.values()) {
      List<TensorList.Entry> entries =
          gradients.stream()
              .filter(it -> it.dtype() == dtype)
              .map(
                  it -> {
                    operands.check("a gradient", it, dtype, it.shape());
                    return new TensorList.Entry(0, it.address(), 0, 0, 0, it.elements());
                  })
              .toList();
      for (TensorList list : TensorList.of(entries)) {
        kernel(dtype, false, THREADS, "gradient_squares")
            .launch(
                stream,
                LaunchShape.of(list.chunks(), THREADS),
                KernelArguments.start()
                    .struct(list.words())
                    .u64(workspace.address() + (long) written * Float.BYTES));
        written += list.chunks();
      }
    }
    kernel(DType.FLOAT32, false, CLIP_THREADS, "clip_factor")
        .launch(
            stream,
            LaunchShape.of(1, CLIP_THREADS),
            KernelArguments.start()
                .tensor(clipping)
                .tensor(workspace)
                .u32(written)
                .f32(most)
                .tensor(scale));
  }

  /**
   * One step of all slots in place, including the step counts.
   *
   * @param slots with one dtype, and one dtype of averages
   * @param rate the learning rate, FLOAT32 [1], read from device memory
   * @param clipping as written by {@link #clip}
   */
  public void step(Stream stream, List<Slot> slots, Tensor rate, Tensor clipping, Rule rule) {
    if (slots.isEmpty()) {
      return;
    }
    operands.check("the rate", rate, DType.FLOAT32, 1);
    operands.check("clipping", clipping, DType.FLOAT32, CLIPPING);
    DType dtype = slots.getFirst().parameter().dtype();
    DType state = slots.getFirst().average().dtype();
    if (state != dtype && state != DType.FLOAT32) {
      throw new IllegalArgumentException(
          "adam: got averages of %s, expected FLOAT32 or, as the parameters, %s"
              .formatted(state, dtype));
    }
    List<TensorList.Entry> entries = slots.stream().map(slot -> entry(slot, dtype, state)).toList();
    boolean floatState = state == DType.FLOAT32;
    for (TensorList list : TensorList.of(entries)) {
      kernel(dtype, floatState, THREADS, "count_steps")
          .launch(
              stream,
              LaunchShape.of(1, THREADS),
              KernelArguments.start().struct(list.words()).tensor(clipping));
      kernel(dtype, floatState, THREADS, "adam_step")
          .launch(
              stream,
              LaunchShape.of(list.chunks(), THREADS),
              KernelArguments.start()
                  .struct(list.words())
                  .tensor(rate)
                  .tensor(clipping)
                  .f64(rule.beta1())
                  .f64(rule.beta2())
                  .f32(rule.weightDecay())
                  .f32(rule.epsilon())
                  .u32(rule.decoupled() ? 1 : 0));
    }
  }

  private TensorList.Entry entry(Slot slot, DType dtype, DType state) {
    long[] shape = slot.parameter().shape();
    operands.check("a parameter", slot.parameter(), dtype, shape);
    operands.check("its gradient", slot.gradient(), dtype, shape);
    for (Tensor average : Arrays.asList(slot.average(), slot.squareAverage())) {
      operands.check("its average", average, state, shape);
    }
    operands.check("its steps", slot.steps(), DType.FLOAT32, 1);
    return new TensorList.Entry(
        slot.parameter().address(),
        slot.gradient().address(),
        slot.average().address(),
        slot.squareAverage().address(),
        slot.steps().address(),
        slot.parameter().elements());
  }

  private Kernel kernel(DType dtype, boolean floatState, int threads, String function) {
    return byKey.computeIfAbsent(
        new Key(dtype, floatState, threads, function),
        key ->
            kernels.kernel(
                KernelBuild.of("adamw.cu")
                    .elements(dtype)
                    .withIf(floatState, "STATE_FLOAT32")
                    .with("THREADS", threads),
                function));
  }
}
