package dev.jlora.adapters;

import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;

/**
 * y = W x + b + scaling * B A dropout(x), for x of [..., in]: A [rank, in] and B [out, rank] are
 * float32, regardless of the base's precision. On a convolution, A is a convolution and B a 1 x 1
 * convolution. On an embedding, x stands for a row's one-hot vector, without dropout.
 *
 * @param scaling the target's scaling times the weight of the adapter
 */
record LoraLayer(LoraTarget target, double dropout, double scaling, Parameter a, Parameter b)
    implements AdapterLayer {

  @Override
  public List<Parameter> parameters() {
    return List.of(a, b);
  }

  @Override
  public List<LowRankPair> pairs() {
    boolean embedding = target.module().kind() == TargetModule.Kind.EMBEDDING;
    return List.of(new LowRankPair(a, b, scaling, embedding));
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    return base.output(x, update());
  }

  @Override
  public LowRankUpdate update() {
    return update(dropout);
  }

  LowRankUpdate update(double probability) {
    return new LowRankUpdate(a.value(), b.value(), scaling, probability);
  }

  /** A layer with the same A and B. */
  @Override
  public AdapterLayer weighted(double factor) {
    return new LoraLayer(target, dropout, scaling * factor, a, b);
  }

  /** W + scaling * B A, computed in float32. */
  @Override
  public Tensor merged(Tensor weight) {
    return update(dropout).merged(weight, target.transposed());
  }

  /** The norm of each output's weights in W + scaling * B A, [out]. */
  Tensor norms(Tensor weight) {
    return WeightNorms.of(
        flat(weight), target.transposed(), flat(a.value()), flat(b.value()), scaling);
  }

  private static Tensor flat(Tensor tensor) {
    return tensor.rank() == 2 ? tensor : Views.reshape(tensor, tensor.size(0), -1);
  }
}
