package dev.jlora.adapters.miss;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.peft.MergedDelta;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * MiSS's {@code bat}: y = (W + delta) x + b. With W cut into blocks of rank x rank, the change of
 * the block in row i and column j is W_ij D_i + D_i, with the float32 blocks D [out / rank, rank,
 * rank].
 *
 * @param factor the weight of the adapter
 */
record BatLayer(MissTarget target, double factor, Parameter blocks) implements AdapterLayer {
  @Override
  public List<Parameter> parameters() {
    return List.of(blocks);
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    return base.output(x, delta(context.tape(), base.dense()));
  }

  private Tensor delta(Tape tape, Tensor weight) {
    boolean transposed = target.module().transposed();
    long in = target.module().in();
    long out = target.module().out();
    long rank = target.rank();
    Tensor own = blocks.value();
    DType wide = weight.dtype().bytes() > own.dtype().bytes() ? weight.dtype() : own.dtype();
    Tensor d = Functions.cast(tape, own, wide);
    Tensor upright = transposed ? Functions.transpose(tape, weight, 0, 1) : weight;
    Tensor cut =
        Functions.reshape(
            tape, Functions.cast(tape, upright, wide), out / rank, rank, in / rank, rank);
    Tensor columns = Functions.permute(tape, cut, 2, 0, 1, 3); // [in / rank, out / rank, ...]
    Tensor change = Functions.add(tape, Functions.matmul(tape, columns, d), d);
    Tensor delta = Functions.reshape(tape, Functions.permute(tape, change, 1, 2, 0, 3), out, in);
    Tensor scaled = factor == 1 ? delta : Functions.scale(tape, delta, factor);
    return transposed ? Functions.transpose(tape, scaled, 0, 1) : scaled;
  }

  @Override
  public Tensor merged(Tensor weight) {
    try (var _ = Scope.open()) {
      return Scope.moveOut(MergedDelta.of(weight, delta(Tape.off(), weight)));
    }
  }

  /** A layer with the same blocks. */
  @Override
  public AdapterLayer weighted(double weight) {
    return new BatLayer(target, factor * weight, blocks);
  }
}
