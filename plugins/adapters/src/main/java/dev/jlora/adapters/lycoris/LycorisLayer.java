package dev.jlora.adapters.lycoris;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.peft.MergedDelta;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * y = (W + scaling * change) x + b. In training, rows of the change may be left out, or all of it.
 *
 * @param scaling alpha / rank, times the weight of the adapter
 * @param scaledRows whether the rows that rank dropout leaves are divided by their share
 */
record LycorisLayer(
    TargetModule module,
    double scaling,
    double rankDropout,
    boolean scaledRows,
    double moduleDropout,
    List<Parameter> parameters,
    WeightChange change)
    implements AdapterLayer {

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tape tape = context.tape();
    Tensor delta = upright(tape);
    double rows = context.dropout(rankDropout);
    if (rows > 0) {
      Tensor kept = kept(context, delta, rows, module.out());
      Tensor factors = scaledRows ? byShare(kept) : kept;
      delta = Functions.mul(tape, delta, Functions.reshape(tape, factors, column(delta)));
    }
    double all = context.dropout(moduleDropout);
    if (all > 0) {
      delta = Functions.mul(tape, delta, kept(context, delta, all, 1));
    }
    return base.output(x, stored(tape, delta));
  }

  /** The scaled change, [out, in] or [out, in, kernel, kernel]. */
  private Tensor upright(Tape tape) {
    Tensor delta = Functions.scale(tape, change.compute(tape), scaling);
    long kernel = module.kernel();
    return module.kind() == TargetModule.Kind.CONVOLUTION
        ? Functions.reshape(tape, delta, module.out(), module.in(), kernel, kernel)
        : Functions.reshape(tape, delta, module.out(), module.in());
  }

  /** The change in the layout of the weight. */
  private Tensor stored(Tape tape, Tensor upright) {
    return module.transposed() ? Functions.transpose(tape, upright, 0, 1) : upright;
  }

  /** Zeros and ones from the pass's random stream; a zero has probability {@code p}. */
  private static Tensor kept(ForwardContext context, Tensor like, double p, long count) {
    Tensor ones = Tensor.ones(like.dtype(), like.device(), count);
    Tensor scaled = Functions.dropout(Tape.off(), ones, p, context.random());
    return Ops.minimum(scaled, ones);
  }

  /** Divided by the mean, so that the mean becomes 1; all zeros stay zeros. */
  private static Tensor byShare(Tensor kept) {
    Tensor share = Ops.clampMin(Reduce.mean(kept), 1.0 / kept.elements());
    return Ops.div(kept, share);
  }

  private static long[] column(Tensor delta) {
    long[] shape = new long[delta.rank()];
    Arrays.fill(shape, 1);
    shape[0] = delta.size(0);
    return shape;
  }

  @Override
  public AdapterLayer weighted(double factor) {
    return new LycorisLayer(
        module, scaling * factor, rankDropout, scaledRows, moduleDropout, parameters, change);
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (var _ = Scope.open()) {
      Tensor delta = stored(Tape.off(), upright(Tape.off()));
      return Scope.moveOut(MergedDelta.of(weight, delta));
    }
  }
}
