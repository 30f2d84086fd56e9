package dev.jlora.model.runtime;

import dev.jlora.autograd.Functions;
import dev.jlora.model.FrozenWeight;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.TargetModule;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The base of an adapter layer: a module in one pass. */
final class ModuleBase implements Base {
  private final TargetModule target;
  private final Multiplication kind;
  private final FrozenWeight weight;
  private final @Nullable Tensor bias;
  private final ForwardContext pass;
  private @Nullable Tensor multiplied;
  private @Nullable Tensor product;
  private @Nullable Tensor input;
  private @Nullable Tensor output;

  /**
   * @param bias in the weight's dtype, or null
   */
  ModuleBase(
      TargetModule target,
      Multiplication kind,
      FrozenWeight weight,
      @Nullable Tensor bias,
      ForwardContext pass) {
    this.target = target;
    this.kind = kind;
    this.weight = weight;
    this.bias = bias;
    this.pass = pass;
  }

  /** Caches a known output of the module for an input. */
  void knowsOutput(Tensor x, Tensor known) {
    input = x;
    output = known;
  }

  @Override
  public TargetModule target() {
    return target;
  }

  @Override
  public Tensor product(Tensor x) {
    if (multiplied != x) {
      product = kind.product(weight, null, x, pass);
      multiplied = x;
    }
    return product;
  }

  @Override
  public Tensor product(Tensor x, LowRankUpdate update) {
    return multiplied == x
        ? add(product, x, update)
        : kind.product(weight, null, x, active(update), pass);
  }

  @Override
  public Tensor output(Tensor x) {
    if (input != x) {
      knowsOutput(x, kind.product(weight, bias, x, pass));
    }
    return output;
  }

  @Override
  public Tensor output(Tensor x, LowRankUpdate update) {
    return input == x
        ? add(output, x, update)
        : kind.product(weight, bias, x, active(update), pass);
  }

  @Override
  public Tensor add(Tensor product, Tensor x, LowRankUpdate update) {
    return kind.add(product, x, active(update), pass);
  }

  /**
   * One product with the changed weight. If the output without the change is known, or if a 16-bit
   * sum would lose a small change, the change has a product of its own.
   */
  @Override
  public Tensor output(Tensor x, Tensor delta) {
    if (input == x || weight.dtype().bytes() < Float.BYTES) {
      return add(output(x), x, delta);
    }
    Tensor changed =
        Functions.add(pass.tape(), weight.dense(), Precision.cast(pass, delta, weight.dtype()));
    return kind.product(FrozenWeight.dense(changed), bias, x, pass);
  }

  @Override
  public Tensor add(Tensor product, Tensor x, Tensor delta) {
    FrozenWeight change = FrozenWeight.dense(Precision.cast(pass, delta, product.dtype()));
    return Functions.add(pass.tape(), product, kind.product(change, null, x, pass));
  }

  private LowRankUpdate active(LowRankUpdate update) {
    return update.dropping(pass.dropout(update.dropout()));
  }

  @Override
  public Tensor dense() {
    return weight.dense();
  }

  @Override
  public @Nullable Tensor bias() {
    return bias;
  }
}
