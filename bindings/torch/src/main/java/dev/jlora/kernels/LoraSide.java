package dev.jlora.kernels;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA linear, y = x W^T + bias + factor * (mask x) A^T B^T, and its gradients (Hu et al., 2021,
 * "LoRA: Low-Rank Adaptation of Large Language Models", equation 3). The factor is alpha / r,
 * divided by the probability of keeping an element if there is a mask: dropout only zeroes.
 *
 * <p>x is [N, in], W [out, in] with any strides, bias [out], y [N, out], all with the same dtype; A
 * is [r, in] and B [out, r], with any floating dtype. An instance holds A and B as they are when it
 * is created, belongs to the scope that is open then, and to one thread.
 */
public sealed interface LoraSide permits LoraKernel, LoraProducts {
  /**
   * The fastest implementation for these activations.
   *
   * @param x the activations, or a gradient with as many rows
   */
  static LoraSide of(Tensor x, Tensor a, Tensor b, @Nullable DropMask mask, double factor) {
    LoraSide kernel = LoraKernel.of(x, a, b, mask, factor);
    return kernel == null ? new LoraProducts(x.dtype(), a, b, mask, factor) : kernel;
  }

  /** Memory for (mask x) A^T of n rows, [n, r]; written by forward and read by backward. */
  Tensor middle(long n);

  /** Computes y in new memory, and writes the middle. */
  Tensor forward(Tensor x, Tensor weight, @Nullable Tensor bias, Tensor middle);

  /**
   * Computes the wanted gradients.
   *
   * @param g the gradient of y
   * @param x as in forward; null if the gradient of A is not wanted
   * @param weight null if the gradient of x is not wanted
   * @param middle as written by forward; null if the gradient of B is not wanted
   * @param sum contiguous, or null: the gradient of x may be added to it in place, and this tensor
   *     returned instead of a new one
   */
  Gradients backward(
      Tensor g,
      @Nullable Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor middle,
      @Nullable Tensor sum);

  /**
   * The gradients, null if not wanted; those of A and B with any floating dtype, for the caller to
   * cast.
   *
   * @param x new, or the given sum
   */
  record Gradients(@Nullable Tensor x, @Nullable Tensor a, @Nullable Tensor b) {}
}
