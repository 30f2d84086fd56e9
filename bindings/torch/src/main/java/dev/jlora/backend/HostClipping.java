package dev.jlora.backend;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Gradient clipping by a norm that is read on the host. Norm and factor are doubles; a norm within
 * the limit multiplies nothing. Gradients are unchanged until {@link #apply}.
 */
final class HostClipping implements Clipping {
  private static final double EPSILON = 1e-6;

  private final List<Tensor> gradients;
  private final double most;
  private final double norm;
  private boolean applied;

  private HostClipping(List<Tensor> gradients, double most, double norm) {
    this.gradients = gradients;
    this.most = most;
    this.norm = norm;
  }

  /**
   * Computes the norm of the gradients.
   *
   * @param most the maximum norm; 0 for no limit
   */
  static HostClipping of(List<Tensor> gradients, double most) {
    try (var _ = Scope.open()) {
      Tensor[] squares =
          gradients.stream()
              .map(gradient -> Reduce.sum(Ops.square(Ops.to(gradient, DType.FLOAT32))))
              .toArray(Tensor[]::new);
      double norm = Math.sqrt(Reduce.sum(Ops.stack(0, squares)).item());
      return new HostClipping(gradients, most, norm);
    }
  }

  @Override
  public Tensor norm() {
    return Tensor.scalar(norm, DType.FLOAT64);
  }

  @Override
  public Tensor skip() {
    return Tensor.full(Double.isFinite(norm) ? 0 : 1, DType.FLOAT32, 1);
  }

  /** Clips as PyTorch's {@code clip_grad_norm_} does. */
  @Override
  public void apply() {
    double factor = most / (norm + EPSILON);
    if (!applied && most > 0 && factor < 1) {
      gradients.forEach(gradient -> InPlace.mul(gradient, factor));
    }
    applied = true;
  }
}
