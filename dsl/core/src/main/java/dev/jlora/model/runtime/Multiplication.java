package dev.jlora.model.runtime;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** How one kind of adaptable layer uses its weight: a linear, a convolution, an embedding. */
public interface Multiplication {

  /**
   * W x + b in the weight's precision: a float32 head on a bfloat16 base answers in float32.
   *
   * @param bias in the weight's precision, or null
   */
  Tensor product(FrozenWeight weight, @Nullable Tensor bias, Tensor x, ForwardContext pass);

  /**
   * The same and a low-rank update.
   *
   * @param update with the dropout that applies in this pass
   */
  Tensor product(
      FrozenWeight weight,
      @Nullable Tensor bias,
      Tensor x,
      LowRankUpdate update,
      ForwardContext pass);

  /** {@code product} and a low-rank update of x. */
  Tensor add(Tensor product, Tensor x, LowRankUpdate update, ForwardContext pass);
}
