package dev.jlora.model.runtime;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The product of an adaptable layer's kind: a linear, a convolution, an embedding. */
public interface Multiplication {

  /**
   * The product of a linear, from [..., in] to [..., out].
   *
   * @param transposed whether the weight is stored [in, out] instead of [out, in]
   */
  static Multiplication linear(boolean transposed) {
    return new LinearProduct(transposed);
  }

  /**
   * W x + b in the weight's dtype: a float32 head on a bfloat16 base outputs float32.
   *
   * @param bias in the weight's dtype, or null
   */
  Tensor product(FrozenWeight weight, @Nullable Tensor bias, Tensor x, ForwardContext pass);

  /**
   * W x + b plus a low-rank update.
   *
   * @param update with the dropout of this pass
   */
  Tensor product(
      FrozenWeight weight,
      @Nullable Tensor bias,
      Tensor x,
      LowRankUpdate update,
      ForwardContext pass);

  /**
   * Adds a low-rank update of x to a product of the same x, in place and without dropout; for
   * passes that record nothing.
   *
   * @param product contiguous, owned by the caller
   * @return false if this kind cannot, and has changed nothing
   */
  default boolean addTo(Tensor product, Tensor x, LowRankUpdate update) {
    return false;
  }

  /** {@code product} plus a low-rank update of x. */
  Tensor add(Tensor product, Tensor x, LowRankUpdate update, ForwardContext pass);
}
