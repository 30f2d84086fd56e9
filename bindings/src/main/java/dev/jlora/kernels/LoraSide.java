package dev.jlora.kernels;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The adapter's side of a LoRA linear, y = base + factor * (mask x) A^T B^T, and its gradients (Hu
 * et al., 2021, "LoRA: Low-Rank Adaptation of Large Language Models", equation 3). The factor is
 * alpha / r, over the probability of keeping an element where there is a mask: dropout only zeroes.
 *
 * <p>x is [N, in], base and y are [N, out], all of one dtype; A is [r, in] and B [out, r], of any
 * floating dtype. The N rows come in chunks, so that the caller can compute the frozen product of a
 * chunk and hand it over while it is still in the cache. An instance holds A and B as they are when
 * it is made, belongs to the scope that is then open, and to one thread.
 */
public sealed interface LoraSide permits LoraKernel, LoraProducts {
  /** The fastest side for these activations. */
  static LoraSide of(
      DType dtype, Device device, Tensor a, Tensor b, @Nullable DropMask mask, double factor) {
    LoraSide kernel = LoraKernel.of(dtype, device, a, b, mask, factor);
    return kernel == null ? new LoraProducts(dtype, a, b, mask, factor) : kernel;
  }

  /** Rows of a chunk; only the last may have fewer. {@link Long#MAX_VALUE} for all at once. */
  long chunkRows();

  /** Memory for (mask x) A^T of n rows, [n, r]; what forward writes and backward reads. */
  Tensor middle(long n);

  /**
   * Writes y for a chunk.
   *
   * @param first row of the chunk, for the mask; a multiple of {@link #chunkRows}
   * @param x the chunk's rows; likewise base, y and middle
   * @param base the frozen product, contiguous
   * @param y contiguous; may be base
   */
  void forward(long first, Tensor x, Tensor base, Tensor y, Tensor middle);

  /** Starts a backward that computes the gradients asked for. */
  Backward backward(boolean ofA, boolean ofB);

  /** The gradients of all chunks, one after the other in any order. */
  interface Backward {
    /**
     * Takes a chunk.
     *
     * @param g the gradient of y
     * @param x as in forward; null if the gradient of A is not wanted
     * @param middle what forward wrote; null if the gradient of B is not wanted
     * @param base the gradient of x through the frozen weight, contiguous; null if not wanted
     * @param dx where to write the whole gradient of x; contiguous, may be base
     */
    void chunk(
        long first,
        Tensor g,
        @Nullable Tensor x,
        @Nullable Tensor middle,
        @Nullable Tensor base,
        @Nullable Tensor dx);

    /** The gradients after the last chunk, owned by the current scope. */
    Gradients gradients();
  }

  /** In any floating dtype, for the caller to cast; null where not asked for. */
  record Gradients(@Nullable Tensor a, @Nullable Tensor b) {}
}
