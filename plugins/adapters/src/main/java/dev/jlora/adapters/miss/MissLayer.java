package dev.jlora.adapters.miss;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * y = W x + b + D^T S dropout(x), with the float32 block D [rank, out]. S [rank, in] sums the
 * inputs whose index leaves the same remainder when divided by the rank: it is one there and zero
 * elsewhere. So it is a low-rank update whose A is not trained.
 *
 * @param factor the weight of the adapter
 */
record MissLayer(MissTarget target, double factor, Parameter block) implements AdapterLayer {

  /** S of a rank and a number of inputs, as a constant of a network. */
  private record Sums(int rank, long in) {
    float[] values() {
      float[] values = new float[Math.toIntExact(rank * in)];
      for (int i = 0; i < in; i++) {
        values[(int) (i % rank * in + i)] = 1;
      }
      return values;
    }
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(block);
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Sums key = new Sums(target.rank(), target.module().in());
    Tensor sums = context.constant(key, () -> tensor(key));
    return base.output(x, update(context.tape(), sums));
  }

  private Tensor tensor(Sums sums) {
    return Tensor.of(sums.values(), sums.rank(), sums.in()).to(block.value().device());
  }

  private LowRankUpdate update(Tape tape, Tensor sums) {
    Tensor whole = block.value();
    if (target.init() == MissInit.MINI) {
      long copies = target.module().out() / target.miniR();
      Tensor one = Functions.reshape(tape, whole, target.rank(), 1, target.miniR());
      Tensor all = Functions.expand(tape, one, target.rank(), copies, target.miniR());
      whole = Functions.reshape(tape, all, target.rank(), target.module().out());
    }
    Tensor b = Functions.transpose(tape, whole, 0, 1);
    return new LowRankUpdate(sums, b, factor, target.dropout());
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (var _ = Scope.open()) {
      Tensor sums = tensor(new Sums(target.rank(), target.module().in()));
      LowRankUpdate update = update(Tape.off(), sums);
      return Scope.moveOut(update.merged(weight, target.module().transposed()));
    }
  }

  /** A layer with the same block. */
  @Override
  public AdapterLayer weighted(double weight) {
    return new MissLayer(target, factor * weight, block);
  }
}
