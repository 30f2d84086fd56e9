package dev.jlora.model.runtime;

import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.TargetModule;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The module that an adapter layer adapts, in one pass: its products, independent of the weight's
 * storage format, and its parts. Results belong to the current scope.
 */
public interface Base {

  /** The path, kind and sizes of the module. */
  TargetModule target();

  /** W x, without the bias. The product with the same x is computed once. */
  Tensor product(Tensor x);

  /** W x plus a low-rank update, without the bias; fused if the weight's format supports it. */
  Tensor product(Tensor x, LowRankUpdate update);

  /**
   * W x + b: the module's output without an adapter. The product with the same x is computed once.
   */
  Tensor output(Tensor x);

  /** W x + b plus a low-rank update; fused if the weight's format supports it. */
  Tensor output(Tensor x, LowRankUpdate update);

  /** Adds a low-rank update of x to a product of the same x. */
  Tensor add(Tensor product, Tensor x, LowRankUpdate update);

  /**
   * (W + delta) x + b, for a method that computes a whole change of the weight.
   *
   * @param delta in the weight's shape, in any floating dtype
   */
  Tensor output(Tensor x, Tensor delta);

  /** Adds delta x to a product of the same x. */
  Tensor add(Tensor product, Tensor x, Tensor delta);

  /** W in dense form, dequantized if needed. Callers must not close it. */
  Tensor dense();

  /** b in the dtype of the products; null if the module has none. */
  @Nullable Tensor bias();
}
