package dev.jlora.adapters.hra;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * y = W H_1 ... H_r x + b, with the reflections H_i = I - 2 u_i u_i^T / |u_i|^2 (equation 2 of
 * arXiv 2405.17484). With the unit vectors u as columns of U, the product of the reflections is I -
 * U M^-1 U^T, where M has 1/2 on its diagonal and the entries of U^T U above it (the compact WY
 * form of Schreiber and Van Loan, 1989). If the vectors are made orthogonal first, it is I - 2 P
 * with the projection P onto their span, and M is U^T U / 2. So W changes by the low-rank matrix
 * -(W U) (M^-1 U^T). M^-1 U^T is computed in float64: M may be ill-conditioned.
 */
record HraLayer(HraTarget target, Parameter u) implements AdapterLayer {
  @Override
  public List<Parameter> parameters() {
    return List.of(u);
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    return base.output(x, update(context.tape(), base.dense()));
  }

  private LowRankUpdate update(Tape tape, Tensor weight) {
    TargetModule module = target.module();
    DType own = u.value().dtype();
    Tensor wide = Functions.cast(tape, u.value(), DType.FLOAT64);
    Tensor unit = Functions.div(tape, wide, Functions.norm(tape, wide, true, 0));
    Tensor rows = Functions.transpose(tape, unit, 0, 1); // U^T, [rank, inputs]
    Tensor middle = middle(tape, Functions.matmul(tape, rows, unit));
    Tensor a = Functions.cast(tape, Functions.solve(tape, middle, rows), own);
    boolean convolution = module.kind() == TargetModule.Kind.CONVOLUTION;
    Tensor flat =
        convolution ? Functions.reshape(tape, weight, module.out(), module.fanIn()) : weight;
    Tensor inputs = Functions.cast(tape, rows, weight.dtype());
    Tensor products = Functions.linear(tape, inputs, flat, null, module.transposed());
    Tensor b = Functions.transpose(tape, products, 0, 1); // W U, [out, rank]
    if (convolution) {
      long kernel = module.kernel();
      a = Functions.reshape(tape, a, target.rank(), module.in(), kernel, kernel);
      b = Functions.reshape(tape, b, module.out(), target.rank(), 1, 1);
    }
    return new LowRankUpdate(a, b, -1, 0);
  }

  /** M, from U^T U. */
  private Tensor middle(Tape tape, Tensor gram) {
    if (target.orthogonal()) {
      return Functions.scale(tape, gram, 0.5);
    }
    Tensor ones = Tensor.ones(gram.dtype(), gram.device(), gram.shape());
    Tensor above = Ops.triu(ones, 1);
    Tensor diagonal = Ops.mul(Ops.sub(Ops.triu(ones, 0), above), 0.5);
    return Functions.add(tape, Functions.mul(tape, gram, above), diagonal);
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (var _ = Scope.open()) {
      DType wide = weight.dtype().bytes() < Float.BYTES ? DType.FLOAT32 : weight.dtype();
      LowRankUpdate update = update(Tape.off(), Ops.to(weight, wide));
      return Scope.moveOut(update.merged(weight, target.module().transposed()));
    }
  }
}
