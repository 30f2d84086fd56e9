package dev.jlora.adapters.oft;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
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
 * y = W R^T x + b, with the block-diagonal rotation R; as rows, x is multiplied by R. On a
 * convolution, the windows are rotated, and on an embedding its rows. Equation 2 of arXiv
 * 2306.07280, with the rotation on the inputs as in arXiv 2506.19847.
 */
record OftLayer(OftTarget target, Rotation rotation) implements AdapterLayer {
  @Override
  public List<Parameter> parameters() {
    return List.of(rotation.weight());
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tape tape = context.tape();
    Tensor triangle = context.constant(rotation.key(), rotation::triangle);
    double dropout = context.dropout(target.spec().moduleDropout());
    Tensor all = rotation.matrices(tape, triangle);
    Tensor matrices = rotation.dropped(tape, all, dropout, context.random());
    return switch (target.module().kind()) {
      case LINEAR -> {
        Tensor rotated = rotation.rotated(tape, x, matrices);
        yield base.output(Precision.cast(context, rotated, x.dtype()));
      }
      case EMBEDDING -> {
        Tensor output = base.output(x);
        Tensor rotated = rotation.rotated(tape, output, matrices);
        yield Precision.cast(context, rotated, output.dtype());
      }
      case CONVOLUTION -> base.output(x, change(tape, base.dense(), matrices));
      case NORM -> throw new IllegalStateException("OFT attaches to no norm");
    };
  }

  /** W R^T - W of a convolution, in the weight's shape. */
  private Tensor change(Tape tape, Tensor weight, Tensor matrices) {
    Tensor rows = Rotation.rows(weight, false);
    Tensor rotated = rotation.rotated(tape, rows, Rotation.transposed(tape, matrices));
    Tensor change = Functions.sub(tape, rotated, Ops.to(rows, rotated.dtype()));
    return Functions.reshape(tape, change, weight.shape());
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (var _ = Scope.open()) {
      Tape tape = Tape.off();
      boolean embedding = target.module().kind() == TargetModule.Kind.EMBEDDING;
      boolean transposed = target.module().transposed();
      Tensor matrices = rotation.matrices(tape, rotation.triangle());
      DType wide = weight.dtype().bytes() < Float.BYTES ? DType.FLOAT32 : weight.dtype();
      Tensor rows = Rotation.rows(Ops.to(weight, wide), transposed);
      Tensor used = embedding ? matrices : Rotation.transposed(tape, matrices);
      Tensor rotated = rotation.rotated(tape, rows, used);
      Tensor stored = transposed ? Views.t(rotated) : Views.reshape(rotated, weight.shape());
      return Scope.moveOut(Ops.contiguous(Ops.to(stored, weight.dtype())));
    }
  }
}
