package com.example.gated;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;

/** y = (W x) f + b with f = 1 + s sigmoid(B a): s is [1, out], a [1, rank], B [out, rank]. */
record GatedScaleLayer(TargetModule module, Parameter s, Parameter a, Parameter b)
    implements AdapterLayer {

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tape tape = context.tape();
    Tensor product = base.product(x); // [..., out]
    Tensor gate = Functions.sigmoid(tape, Functions.linear(tape, a.value(), b.value(), null));
    Tensor change = Functions.mul(tape, s.value(), gate); // [1, out], in float32
    Tensor scaled = Functions.mul(tape, product, Functions.cast(tape, change, product.dtype()));
    Tensor sum = Functions.add(tape, product, scaled);
    Tensor bias = base.bias();
    return bias == null ? sum : Functions.add(tape, sum, bias);
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (var _ = Scope.open()) {
      Tensor gate = Ops.sigmoid(Functions.linear(Tape.off(), a.value(), b.value(), null));
      Tensor factor = Ops.addScalar(Ops.mul(s.value(), gate), 1); // [1, out]
      Tensor byOutput = module.transposed() ? factor : Views.t(factor);
      Tensor merged = Ops.mul(Ops.to(weight, DType.FLOAT32), byOutput);
      return Scope.moveOut(Ops.contiguous(Ops.to(merged, weight.dtype())));
    }
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(s, a, b);
  }
}
