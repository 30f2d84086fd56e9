package dev.jlora.kernels;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA linear, y = x W^T + bias + factor * (mask x) A^T B^T, and its gradients (Hu et al., 2021,
 * "LoRA: Low-Rank Adaptation of Large Language Models", equation 3). The factor is alpha / r, over
 * the probability of keeping an element where there is a mask: dropout only zeroes.
 *
 * <p>x is [N, in], W [out, in] with any strides, bias [out], y [N, out], all of one dtype; A is [r,
 * in] and B [out, r], of any floating dtype. An instance holds A and B as they are when it is made,
 * belongs to the scope that is then open, and to one thread.
 */
public sealed interface LoraSide permits LoraKernel, LoraProducts {
  /**
   * The fastest side for these activations.
   *
   * @param x the activations, or a gradient with as many rows
   */
  static LoraSide of(Tensor x, Tensor a, Tensor b, @Nullable DropMask mask, double factor) {
    LoraSide kernel = LoraKernel.of(x, a, b, mask, factor);
    return kernel == null ? new LoraProducts(x.dtype(), a, b, mask, factor) : kernel;
  }

  /** Memory for (mask x) A^T of n rows, [n, r]; what forward writes and backward reads. */
  Tensor middle(long n);

  /** Computes y in new memory, and writes the middle. */
  Tensor forward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor middle);

  /**
   * Computes the gradients that are wanted.
   *
   * @param g the gradient of y
   * @param x as in forward; null if the gradient of A is not wanted
   * @param weight null if the gradient of x is not wanted
   * @param middle what forward wrote; null if the gradient of B is not wanted
   * @param sum contiguous, or null: the gradient of x may be added to it in place, and this very
   *     tensor returned, instead of a new one
   */
  Gradients backward(
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor middle,
      @Nullable Tensor sum);

  /**
   * Null where not asked for; those of A and B in any floating dtype, for the caller to cast.
   *
   * @param x new, or the sum that was given
   */
  record Gradients(@Nullable Tensor x, @Nullable Tensor a, @Nullable Tensor b) {}
}
