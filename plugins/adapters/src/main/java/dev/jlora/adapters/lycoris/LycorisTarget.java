package dev.jlora.adapters.lycoris;

import dev.jlora.model.TargetModule.Kind;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.OwnParameters;

/** A target of LoHa or LoKr. */
interface LycorisTarget extends AdapterTarget {
  int rank();

  double alpha();

  LycorisSpec spec();

  /** Whether the kernel of a convolution is decomposed in all dimensions. */
  default boolean tucker() {
    return module().kind() == Kind.CONVOLUTION
        && module().kernel() > 1
        && spec().useEffectiveConv2d();
  }

  /** The layer with this change of the weight. */
  default AdapterLayer layer(OwnParameters parameters, boolean scaledRows, WeightChange change) {
    return new LycorisLayer(
        module(),
        alpha() / rank(),
        spec().rankDropout(),
        scaledRows,
        spec().moduleDropout(),
        parameters.all(),
        change);
  }
}
