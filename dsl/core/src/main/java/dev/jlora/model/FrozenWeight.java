package dev.jlora.model;

import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The weight of a module in its storage format: dense or quantized. Layers and adapters multiply
 * with it independently of the format.
 */
public interface FrozenWeight {

  /** A weight that is one tensor, which callers keep open. */
  static FrozenWeight dense(Tensor weight) {
    return new DenseWeight(weight);
  }

  /** The dtype of its products, and of their inputs and biases. */
  DType dtype();

  /** Size in memory, in bytes. */
  long bytes();

  /**
   * The weight as a dense tensor of its declared shape. A dense weight returns the tensor in use,
   * which must not be closed; any other is dequantized into the current scope.
   */
  Tensor dense();

  /**
   * x W^T + b, from [..., in] to [..., out].
   *
   * @param bias [out] in the weight's precision, or null
   * @param transposed whether the weight's shape is [in, out] instead of [out, in]
   */
  Tensor linear(Tape tape, Tensor x, @Nullable Tensor bias, boolean transposed);

  /**
   * x W^T + b and a low-rank update of the same x. Formats with a fused product override it.
   *
   * @param random the stream for the update's dropout; may be null if it drops nothing
   */
  default Tensor linear(
      Tape tape,
      Tensor x,
      @Nullable Tensor bias,
      boolean transposed,
      LowRankUpdate update,
      @Nullable RandomStream random) {
    return update.addLinear(tape, random, linear(tape, x, bias, transposed), x);
  }
}
