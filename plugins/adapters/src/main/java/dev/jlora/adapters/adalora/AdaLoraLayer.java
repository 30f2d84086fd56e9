package dev.jlora.adapters.adalora;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * y = W x + b + scaling * B (A * E) dropout(x): a low-rank update with the singular values E, which
 * multiply the rows of A. Equation 3 of arXiv 2303.10512. All parts are float32.
 *
 * @param scaling the target's scaling times the weight of the adapter
 * @param count PEFT's {@code ranknum}, not used
 */
record AdaLoraLayer(
    AdaLoraTarget target, double scaling, Parameter a, Parameter b, Parameter e, Parameter count)
    implements AdapterLayer {
  @Override
  public List<Parameter> parameters() {
    return List.of(a, b, e, count);
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    return target.rank() == 0 ? base.output(x) : base.output(x, update(context.tape()));
  }

  private LowRankUpdate update(Tape tape) {
    TargetModule module = target.module();
    Tensor down = Functions.mul(tape, a.value(), e.value());
    Tensor up = b.value();
    if (module.kind() == TargetModule.Kind.CONVOLUTION) {
      long kernel = module.kernel();
      down = Functions.reshape(tape, down, target.rank(), module.in(), kernel, kernel);
      up = Functions.reshape(tape, up, module.out(), target.rank(), 1, 1);
    }
    return new LowRankUpdate(down, up, scaling, target.spec().dropout());
  }

  @Override
  public Tensor merged(Tensor weight) {
    if (target.rank() == 0) {
      return Ops.clone(weight);
    }
    try (var _ = Scope.open()) {
      return Scope.moveOut(update(Tape.off()).merged(weight, target.module().transposed()));
    }
  }

  /** A layer with the same parts. */
  @Override
  public AdapterLayer weighted(double factor) {
    return new AdaLoraLayer(target, scaling * factor, a, b, e, count);
  }
}
