package dev.jlora.model;

import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The weight of a module in the format in which it lies in memory: dense, or packed by a
 * quantization. Layers and adapters multiply with it; none of them asks how it is stored.
 */
public interface FrozenWeight {

  /** The precision of its products: inputs and biases come in it. */
  DType dtype();

  /** Bytes that it takes in memory. */
  long bytes();

  /**
   * The weight as numbers, in its declared shape. A dense weight is the tensor in use, which must
   * not be closed; any other is unpacked into the current scope.
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
   * @param random what the update's dropout draws from; null allowed where it drops nothing
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
