package dev.jlora.adapters.vera;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Precision;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Products;
import dev.jlora.peft.MergedDelta;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;

/**
 * y = W x + b + factor * lambda_b * (B (lambda_d * (A dropout(x)))), where * is elementwise; A and
 * B are frozen and shared. Equation 2 of arXiv 2310.11454.
 *
 * @param factor the weight of the adapter
 * @param lambdaB [out]
 * @param lambdaD [rank]
 * @param a [rank, in or more]
 * @param b [out or more, rank]
 */
record VeraLayer(
    TargetModule module,
    double dropout,
    double factor,
    Parameter lambdaB,
    Parameter lambdaD,
    Parameter a,
    Parameter b)
    implements AdapterLayer {

  @Override
  public List<Parameter> parameters() {
    return List.of(lambdaB, lambdaD);
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tape tape = context.tape();
    Tensor output = base.output(x);
    DType dtype = output.dtype();
    Tensor input = Precision.cast(context, x, dtype);
    double p = context.dropout(dropout);
    Tensor kept = p > 0 ? Functions.dropout(tape, input, p, context.random()) : input;
    Tensor low = Functions.linear(tape, kept, Ops.to(down(), dtype), null);
    Tensor scaled = Precision.times(context, low, lambdaD.value());
    Tensor up = Functions.linear(tape, scaled, Ops.to(up(), dtype), null);
    Tensor change = Precision.times(context, up, lambdaB.value());
    return Functions.add(
        tape, output, factor == 1 ? change : Functions.scale(tape, change, factor));
  }

  /** The columns of A for this module. */
  private Tensor down() {
    return Ops.contiguous(Views.slice(a.value(), 1, 0, module.in()));
  }

  /** The rows of B for this module. */
  private Tensor up() {
    return Views.slice(b.value(), 0, 0, module.out());
  }

  @Override
  public AdapterLayer weighted(double more) {
    return new VeraLayer(module, dropout, factor * more, lambdaB, lambdaD, a, b);
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (var _ = Scope.open()) {
      DType wide = weight.dtype().wide();
      Tensor left = Ops.mul(Ops.to(up(), wide), Views.unsqueeze(to(lambdaB, wide), 1));
      Tensor right = Ops.mul(Ops.to(down(), wide), Views.unsqueeze(to(lambdaD, wide), 1));
      Tensor change = Ops.mul(Products.mm(left, right), factor); // [out, in]
      Tensor laid = module.transposed() ? Views.t(change) : change;
      return Scope.moveOut(MergedDelta.of(weight, laid));
    }
  }

  private static Tensor to(Parameter vector, DType dtype) {
    return Ops.to(vector.value(), dtype);
  }
}
