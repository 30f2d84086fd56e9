package dev.jlora.ops;

import static dev.jlora.tensor.Operator.some;

import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ATen's fused optimizer kernels: all lists are parallel, everything is updated in place, and all
 * tensors of a call have one dtype.
 */
public final class OptimizerOps {
  private static final Operator ADAMW = Operator.of("aten::_fused_adamw_");
  private static final Operator ADAM = Operator.of("aten::_fused_adam_");
  private static final Operator SGD = Operator.of("aten::_fused_sgd_");

  private OptimizerOps() {}

  /**
   * The numbers of one Adam step.
   *
   * @param decoupled whether weight decay shrinks the parameter itself (AdamW, Loshchilov and
   *     Hutter, arXiv 1711.05101) or joins the gradient (Adam, Kingma and Ba, arXiv 1412.6980)
   */
  public record AdamStep(
      boolean decoupled,
      double learningRate,
      double beta1,
      double beta2,
      double weightDecay,
      double epsilon) {}

  /** One step of Adam or AdamW, made in any case. */
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
   * @param counts one-element FLOAT32 tensors that already count the step being made
   * @param skip FLOAT32 of one element on the parameters' device: where it is 1, nothing is done;
   *     null for always
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
   * Stochastic gradient descent with momentum; FLOAT32 and FLOAT64 only, since libtorch's CPU
   * kernel skips elements of 16-bit parameters.
   *
   * @param momentumBuffers empty when {@code momentum} is 0
   * @param skip FLOAT32 of one element on the parameters' device: where it is 1, nothing is done;
   *     null for always
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
