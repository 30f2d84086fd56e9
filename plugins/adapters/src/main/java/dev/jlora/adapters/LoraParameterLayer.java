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
import java.util.List;

/**
 * A module whose weight [in, out] is W + scaling * B A, with A [rank, out] and B [in, rank] in
 * float32: of the update of a module, A is B's transpose and B is A's.
 */
record LoraParameterLayer(double scaling, Parameter a, Parameter b) implements AdapterLayer {

  @Override
  public List<Parameter> parameters() {
    return List.of(a, b);
  }

  @Override
  public List<LowRankPair> pairs() {
    return List.of(new LowRankPair(a, b, scaling, /* embedding= */ false));
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tape tape = context.tape();
    Tensor down = Functions.transpose(tape, b.value(), 0, 1);
    Tensor up = Functions.transpose(tape, a.value(), 0, 1);
    return base.add(base.output(x), x, new LowRankUpdate(down, up, scaling, 0));
  }

  @Override
  public AdapterLayer weighted(double factor) {
    return new LoraParameterLayer(scaling * factor, a, b);
  }

  /** W + scaling * B A. */
  @Override
  public Tensor merged(Tensor weight) {
    return new LowRankUpdate(a.value(), b.value(), scaling, 0)
        .merged(weight, /* transposed= */ false);
  }
}
