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
   * What forward gives, and backward reads.
   *
   * @param y [..., n]; null where backward reads
   * @param sum what was normalized [..., n]
   * @param mean of each row; its shape and dtype are the implementation's, and so rstd's
   * @param weight as backward wants it
   * @param bias likewise
   */
  record Normalized(
      @Nullable Tensor y,
      Tensor sum,
      Tensor mean,
      Tensor rstd,
      @Nullable Tensor weight,
      @Nullable Tensor bias) {}

  /** Which gradients are asked for. */
  record Wanted(boolean x, boolean residual, boolean weight, boolean bias) {
    boolean sum() {
      return x || residual;
    }
  }

  /**
   * Null where not asked for. Those of x and residual are one tensor where there is no mask;
   * weight's and bias's may be of another dtype than these.
   */
  record Gradients(
      @Nullable Tensor x,
      @Nullable Tensor residual,
      @Nullable Tensor weight,
      @Nullable Tensor bias) {}

  /**
   * The norm.
   *
   * @param x [..., n]
   * @param residual of x's shape and dtype, or null
   * @param weight [n] or null
   * @param bias [n] or null
   * @param mask of the dropout on x; null for none, and always where there is no residual
   */
  Normalized forward(
      Tensor x,
      @Nullable Tensor residual,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double eps,
      @Nullable DropMask mask);

  /**
   * The gradients.
   *
   * @param g of y
   * @param normalized what forward gave
   */
  Gradients backward(Tensor g, Normalized normalized, @Nullable DropMask mask, Wanted wanted);
}
