package dev.jlora.adapters;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * y = W x + b + scaling * B A dropout(x), with the A matrices of the parts one above the other and
 * a block matrix B, whose rows of other parts are zero.
 *
 * @param scaling the target's scaling times the weight of the adapter
 * @param a of each part, [rank, in]
 * @param b of each part, [part, rank]
 */
record LoraSlicesLayer(LoraSlices target, double scaling, List<Parameter> a, List<Parameter> b)
    implements AdapterLayer {

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      all.add(a.get(i));
      all.add(b.get(i));
    }
    return all;
  }

  @Override
  public List<LowRankPair> pairs() {
    List<LowRankPair> pairs = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      pairs.add(new LowRankPair(a.get(i), b.get(i), scaling, /* embedding= */ false));
    }
    return pairs;
  }

  /** [parts * rank, in]. */
  Tensor joinedA(Tape tape) {
    return joined(tape, 0, a.stream().map(Parameter::value).toList());
  }

  /** [out, parts * rank]. */
  Tensor joinedB(Tape tape) {
    Tensor like = b.getFirst().value();
    long width = like.size(1) * b.size();
    List<Tensor> rows = new ArrayList<>();
    long done = 0;
    for (int i = 0; i < b.size(); i++) {
      var range = target.range(target.parts().get(i));
      addZeros(rows, like, range.from() - done, width);
      List<Tensor> blocks = new ArrayList<>();
      addZeros(blocks, like, range.size(), like.size(1) * i);
      blocks.add(b.get(i).value());
      addZeros(blocks, like, range.size(), like.size(1) * (b.size() - 1 - i));
      rows.add(joined(tape, 1, blocks));
      done = range.from() + range.size();
    }
    addZeros(rows, like, target.module().out() - done, width);
    return joined(tape, 0, rows);
  }

  private static void addZeros(List<Tensor> to, Tensor like, long rows, long columns) {
    if (rows > 0 && columns > 0) {
      to.add(Tensor.zeros(like.dtype(), like.device(), rows, columns));
    }
  }

  private static Tensor joined(Tape tape, int dim, List<Tensor> parts) {
    return parts.size() == 1
        ? parts.getFirst()
        : Functions.cat(tape, dim, parts.toArray(Tensor[]::new));
  }

  private LowRankUpdate update(Tape tape) {
    return new LowRankUpdate(joinedA(tape), joinedB(tape), scaling, target.dropout());
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    return base.output(x, update(context.tape()));
  }

  /** A layer with the same matrices. */
  @Override
  public AdapterLayer weighted(double factor) {
    return new LoraSlicesLayer(target, scaling * factor, a, b);
  }

  @Override
  public Tensor merged(Tensor weight) {
    return update(Tape.off()).merged(weight, target.module().transposed());
  }
}
