package dev.jlora.adapters;

import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * y = W x + b + scaling * B A dropout(x), for x of [..., in]: A [rank, in] and B [out, rank] are
 * float32, regardless of the base's precision. On a convolution, A is a convolution and B a 1 x 1
 * convolution.
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
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    return base.output(x, new LowRankUpdate(a.value(), b.value(), scaling, dropout));
  }

  /** A layer with the same A and B. */
  @Override
  public AdapterLayer weighted(double factor) {
    return new LoraLayer(target, dropout, scaling * factor, a, b);
  }

  /** W + scaling * B A, computed in float32. */
  @Override
  public Tensor merged(Tensor weight) {
    return new LowRankUpdate(a.value(), b.value(), scaling, dropout)
        .merged(weight, target.module().transposed());
  }
}
