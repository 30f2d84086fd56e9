package dev.jlora.model.runtime;

import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.TargetModule;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * All that an adapter may ask of the module it adapts, in one pass: its products, whatever the
 * format of its weight, and what they are made of. Results belong to the current scope.
 */
public interface Base {

  /** Path, kind and sizes. */
  TargetModule target();

  /** W x, without the bias. The same x is multiplied once, however often it is asked for. */
  Tensor product(Tensor x);

  /** W x and a low-rank update, without the bias; fused where the weight's format can. */
  Tensor product(Tensor x, LowRankUpdate update);

  /** W x + b: what the module computes without an adapter. The same x is multiplied once. */
  Tensor output(Tensor x);

  /** W x + b and a low-rank update; fused where the weight's format can. */
  Tensor output(Tensor x, LowRankUpdate update);

  /** A product of x with a low-rank update of the same x added. */
  Tensor add(Tensor product, Tensor x, LowRankUpdate update);

  /** W as numbers, unpacked where needed; not to be closed. */
  Tensor dense();

  /** b in the precision of the products; null where the module has none. */
  @Nullable Tensor bias();
}
