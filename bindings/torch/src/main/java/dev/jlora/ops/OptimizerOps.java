package dev.jlora.ops;

import static dev.jlora.tensor.Operator.some;

import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ATen's fused optimizer kernels. All lists are parallel, updates are in place, and all tensors of
 * a call have one dtype.
 */
public final class OptimizerOps {
  private static final Operator ADAMW = Operator.of("aten::_fused_adamw_");
  private static final Operator ADAM = Operator.of("aten::_fused_adam_");
  private static final Operator SGD = Operator.of("aten::_fused_sgd_");

  private OptimizerOps() {}

  /**
   * Settings of one Adam step.
   *
   * @param decoupled whether weight decay shrinks the parameter itself (AdamW, Loshchilov and
   *     Hutter, arXiv 1711.05101) or is added to the gradient (Adam, Kingma and Ba, arXiv
   *     1412.6980)
   */
  public record AdamStep(
      boolean decoupled,
      double learningRate,
      double beta1,
      double beta2,
      double weightDecay,
      double epsilon) {}

  /** One unconditional step of Adam or AdamW. */
  public static void adam(
      AdamStep step,
      List<Tensor> parameters,
      List<Tensor> gradients,
      List<Tensor> averages,
      List<Tensor> squareAverages,
      List<Tensor> counts) {
    adam(step, parameters, gradients, averages, squareAverages, counts, null);
  }

  /**
   * One step of Adam or AdamW.
   *
   * @param averages first moments
   * @param squareAverages second moments
   * @param counts one-element FLOAT32 tensors: the step counts, including this step
   * @param skip one-element FLOAT32 on the parameters' device: if it is 1, nothing is done; null
   *     for an unconditional step
   */
  public static void adam(
      AdamStep step,
      List<Tensor> parameters,
      List<Tensor> gradients,
      List<Tensor> averages,
      List<Tensor> squareAverages,
      List<Tensor> counts,
      @Nullable Tensor skip) {
    (step.decoupled() ? ADAMW : ADAM)
        .run(
            0,
            array(parameters),
            array(gradients),
            array(averages),
            array(squareAverages),
            new Tensor[0],
            array(counts),
            step.learningRate(),
            step.beta1(),
            step.beta2(),
            step.weightDecay(),
            step.epsilon(),
            false,
            false,
            null,
            some(skip));
  }

  /**
   * Stochastic gradient descent with momentum. FLOAT32 and FLOAT64 only, because libtorch's CPU
   * kernel skips elements of 16-bit parameters.
   *
   * @param momentumBuffers empty if {@code momentum} is 0
   * @param skip one-element FLOAT32 on the parameters' device: if it is 1, nothing is done; null
   *     for an unconditional step
   */
  public static void sgd(
      List<Tensor> parameters,
      List<Tensor> gradients,
      List<Tensor> momentumBuffers,
      double weightDecay,
      double momentum,
      double learningRate,
      double dampening,
      boolean nesterov,
      boolean firstStep,
      @Nullable Tensor skip) {
    for (Tensor parameter : parameters) {
      if (parameter.dtype().bytes() < 4) {
        throw new IllegalArgumentException(
            "sgd: got %s, expected FLOAT32 or FLOAT64".formatted(parameter.describe()));
      }
    }
    SGD.run(
        0,
        array(parameters),
        array(gradients),
        array(momentumBuffers),
        weightDecay,
        momentum,
        learningRate,
        dampening,
        nesterov,
        false,
        firstStep,
        null,
        some(skip));
  }

  private static Tensor[] array(List<Tensor> tensors) {
    return tensors.toArray(Tensor[]::new);
  }
}
