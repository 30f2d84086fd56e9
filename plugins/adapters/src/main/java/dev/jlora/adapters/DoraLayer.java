package dev.jlora.adapters;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import java.util.List;

/**
 * y = m / |V| * (V x) + b with V = W + scaling * B A, row by row (DoRA; Liu et al., arXiv
 * 2402.09353, equation 5). The norm |V| of each output's weights is a constant in the backward pass
 * (section 4.3). If dropout is active, then as in PEFT, W x + b + (m / |V| - 1) W x' + m / |V| *
 * scaling * B A x' with x' = dropout(x).
 *
 * @param lora the layer without magnitudes
 * @param magnitude m, float32: [out], or [1, out, 1, 1] for a convolution
 */
record DoraLayer(LoraLayer lora, Parameter magnitude) implements AdapterLayer {

  @Override
  public List<Parameter> parameters() {
    return List.of(lora.a(), lora.b(), magnitude);
  }

  @Override
  public List<LowRankPair> pairs() {
    return lora.pairs();
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tape tape = context.tape();
    Tensor factor =
        Functions.mul(
            tape,
            magnitude.value(),
            Ops.reciprocal(Views.view(lora.norms(base.dense()), magnitude.value().shape())));
    LowRankUpdate update = lora.update(0);
    double p = context.dropout(lora.dropout());
    if (p == 0 || lora.target().module().kind() == TargetModule.Kind.EMBEDDING) {
      Tensor scaled = scaled(tape, base.product(x, update), factor);
      Tensor bias = bias(tape, base);
      return bias == null ? scaled : Functions.add(tape, scaled, bias);
    }
    Tensor kept = Functions.dropout(tape, x, p, context.random());
    Tensor product = base.product(kept);
    Tensor scaled = scaled(tape, base.add(product, kept, update), factor);
    return Functions.add(tape, base.output(x), Functions.sub(tape, scaled, product));
  }

  /**
   * product * factor. In a 16-bit product the factor, which is close to 1, would lose most of its
   * difference to 1, so that this difference is multiplied.
   */
  private static Tensor scaled(Tape tape, Tensor product, Tensor factor) {
    if (product.dtype() == factor.dtype()) {
      return Functions.mul(tape, product, factor);
    }
    Tensor one = Tensor.ones(factor.dtype(), factor.device(), 1);
    Tensor change = Functions.cast(tape, Functions.sub(tape, factor, one), product.dtype());
    return Functions.add(tape, product, Functions.mul(tape, product, change));
  }

  private Tensor bias(Tape tape, Base base) {
    Tensor bias = base.bias();
    return bias == null || magnitude.value().rank() == 1
        ? bias
        : Functions.reshape(tape, bias, magnitude.value().shape());
  }

  /** m / |V| * V, computed in float32. */
  @Override
  public Tensor merged(Tensor weight) {
    try (var _ = Scope.open()) {
      boolean transposed = lora.target().transposed();
      Tensor sum = lora.update(0).merged(Ops.to(weight, weight.dtype().wide()), transposed);
      Tensor factor = Ops.div(Views.view(magnitude.value(), -1), lora.norms(weight));
      long[] outputs = new long[weight.rank()];
      Arrays.fill(outputs, 1);
      outputs[transposed ? 1 : 0] = -1;
      Tensor scaled = Ops.mul(sum, Views.view(factor, outputs));
      return Scope.moveOut(Ops.to(scaled, weight.dtype()));
    }
  }
}
