package dev.jlora.backend;

import dev.jlora.kernels.DropMask;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Layer norm over the last dimension of residual + mask * x / P(keep), and its gradients. Without
 * residual and mask that sum is x.
 */
public interface LayerNorms {
  /**
   * Results of forward, and arguments of backward.
   *
   * @param y [..., n]; null in backward
   * @param sum the input of the norm [..., n]
   * @param mean of each row; its shape and dtype depend on the implementation, as do rstd's
   * @param weight as needed by backward
   * @param bias as needed by backward
   */
  record Normalized(
      @Nullable Tensor y,
      Tensor sum,
      Tensor mean,
      Tensor rstd,
      @Nullable Tensor weight,
      @Nullable Tensor bias) {}

  /** Which gradients are wanted. */
  record Wanted(boolean x, boolean residual, boolean weight, boolean bias) {
    boolean sum() {
      return x || residual;
    }
  }

  /**
   * The gradients, null if not wanted. Those of x and residual are one tensor without a mask; those
   * of weight and bias may have another dtype than these.
   */
  record Gradients(
      @Nullable Tensor x,
      @Nullable Tensor residual,
      @Nullable Tensor weight,
      @Nullable Tensor bias) {}

  /**
   * Computes the norm.
   *
   * @param x [..., n]
   * @param residual with x's shape and dtype, or null
   * @param weight [n] or null
   * @param bias [n] or null
   * @param mask of the dropout on x; null for none, and always without a residual
   */
  Normalized forward(
      Tensor x,
      @Nullable Tensor residual,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double eps,
      @Nullable DropMask mask);

  /**
   * Computes the gradients.
   *
   * @param g gradient of y
   * @param normalized the result of forward
   */
  Gradients backward(Tensor g, Normalized normalized, @Nullable DropMask mask, Wanted wanted);
}
