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
 * Adam and AdamW over all tensors of a model in a launch for each 96 of them, and clipping by the
 * norm of all gradients. The norm stays on the card, so nothing waits for it; where it is not
 * finite a step changes nothing.
 *
 * <p>Gradients have the parameter's dtype; averages too, or FLOAT32.
 */
public final class AdamKernels {
  private static final int THREADS = 256;
  private static final int CLIP_THREADS = 1024;

  private record Key(DType dtype, boolean floatState, int threads, String function) {}

  private final Kernels kernels;
  private final Operands operands;
  private final Map<Key, Kernel> byKey = new ConcurrentHashMap<>();

  /** On a card. */
  public AdamKernels(Kernels kernels) {
    this.kernels = kernels;
    this.operands = new Operands("adam", kernels.device());
  }

  /** A parameter with its gradient and its two moments, all of one shape and contiguous. */
  public record Slot(Tensor parameter, Tensor gradient, Tensor average, Tensor squareAverage) {}

  /**
   * What stays the same from step to step.
   *
   * @param decoupled whether decay shrinks the parameter itself (AdamW) or joins the gradient
   */
  public record Rule(
      boolean decoupled, double beta1, double beta2, double weightDecay, double epsilon) {

    /**
     * What changes from step to step, as {@link #step} reads it from the card: the learning rate,
     * the rate over the first moment's correction, and the inverse root of the second's.
     *
     * @param step counted from 1
     */
    public float[] numbers(double learningRate, long step) {
      return new float[] {
        (float) learningRate,
        (float) (learningRate / (1 - Math.pow(beta1, step))),
        (float) (1 / Math.sqrt(1 - Math.pow(beta2, step)))
      };
    }
  }

  /** Floats of the workspace that {@link #clip} needs. */
  public static int workspaceSize(List<Tensor> gradients) {
    return Math.max(1, gradients.stream().mapToInt(it -> TensorList.chunks(it.elements())).sum());
  }

  /**
   * The norm of all gradients, and what a step multiplies them with.
   *
   * @param clipping FLOAT32 [3]: the norm of the unscaled gradients, the factor (which unscales,
   *     too), and 1 if the norm is finite, else 0
   * @param gradients contiguous, of any of the three dtypes
   * @param workspace FLOAT32 [{@link #workspaceSize}]
   * @param most the norm's limit; 0 for none
   * @param unscale what undoes the loss's scale; 1 without
   */
  public void clip(
      Stream stream,
      Tensor clipping,
      List<Tensor> gradients,
      Tensor workspace,
      double most,
      double unscale) {
    int size = workspaceSize(gradients);
    operands.check("clipping", clipping, DType.FLOAT32, 3);
    operands.check("the workspace", workspace, DType.FLOAT32, size);
    int written = 0;
    for (DType dtype : DType.values()) {
      List<TensorList.Entry> entries =
          gradients.stream()
              .filter(it -> it.dtype() == dtype)
              .map(
                  it -> {
                    operands.check("a gradient", it, dtype, it.shape());
                    return new TensorList.Entry(0, it.address(), 0, 0, it.elements());
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
                .f32(unscale));
  }

  /**
   * One step of all slots, in place.
   *
   * @param slots of one dtype, and their averages of one
   * @param numbers FLOAT32 [3], see {@link Rule#numbers}
   * @param clipping what {@link #clip} wrote, or null for none
   */
  public void step(
      Stream stream, List<Slot> slots, Tensor numbers, @Nullable Tensor clipping, Rule rule) {
    if (slots.isEmpty()) {
      return;
    }
    operands.check("numbers", numbers, DType.FLOAT32, 3);
    operands.check("clipping", clipping, DType.FLOAT32, 3);
    DType dtype = slots.getFirst().parameter().dtype();
    DType state = slots.getFirst().average().dtype();
    if (state != dtype && state != DType.FLOAT32) {
      throw new IllegalArgumentException(
          "adam: got averages of %s, expected FLOAT32 or, as the parameters, %s"
              .formatted(state, dtype));
    }
    List<TensorList.Entry> entries = slots.stream().map(slot -> entry(slot, dtype, state)).toList();
    for (TensorList list : TensorList.of(entries)) {
      kernel(dtype, state == DType.FLOAT32, THREADS, "adam_step")
          .launch(
              stream,
              LaunchShape.of(list.chunks(), THREADS),
              KernelArguments.start()
                  .struct(list.words())
                  .tensor(numbers)
                  .tensor(clipping)
                  .f32(rule.beta1())
                  .f32(rule.beta2())
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
    return new TensorList.Entry(
        slot.parameter().address(),
        slot.gradient().address(),
        slot.average().address(),
        slot.squareAverage().address(),
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
