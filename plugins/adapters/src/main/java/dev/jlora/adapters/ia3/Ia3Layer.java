package dev.jlora.adapters.ia3;

import dev.jlora.autograd.Functions;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Precision;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;

/**
 * y = l * (W x + b), or y = W (l * x) + b for a feedforward module; * is elementwise and l is
 * float32. Equation 1 of arXiv 2205.05638; PEFT scales after the bias.
 */
record Ia3Layer(Ia3Target target, Parameter scale) implements AdapterLayer {
  @Override
  public List<Parameter> parameters() {
    return List.of(scale);
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tensor factors = scale.value();
    if (!target.convolution()) {
      factors = Functions.reshape(context.tape(), factors, factors.elements());
    }
    return target.feedforward()
        ? base.output(Precision.times(context, x, factors))
        : Precision.times(context, base.output(x), factors);
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (var _ = Scope.open()) {
      return Scope.moveOut(scaled(weight, byWeight()));
    }
  }

  /** The factors in a shape that is broadcast to the weight's. */
  private Tensor byWeight() {
    Tensor factors = scale.value();
    if (target.convolution()) {
      return target.feedforward() ? factors : Views.transpose(factors, 0, 1);
    }
    return target.module().transposed() ? Views.t(factors) : factors;
  }

  /** A scaled output has a scaled bias. */
  @Override
  public Tensor mergedBias(Tensor bias) {
    if (target.feedforward()) {
      return bias;
    }
    try (var _ = Scope.open()) {
      return Scope.moveOut(scaled(bias, Views.reshape(scale.value(), -1)));
    }
  }

  private static Tensor scaled(Tensor weight, Tensor factors) {
    DType wide = weight.dtype().wide();
    Tensor product = Ops.mul(Ops.to(weight, wide), Ops.to(factors, wide));
    return Ops.contiguous(Ops.to(product, weight.dtype()));
  }
}
