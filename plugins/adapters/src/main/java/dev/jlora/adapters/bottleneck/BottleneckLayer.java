package dev.jlora.adapters.bottleneck;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.layers.Activation;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Precision;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * y = h + factor * dropout(U f(D h + d) + u) with h = W x + b, or with x in place of the second h
 * for a parallel adapter; f is the activation.
 *
 * @param factor the scaling, times the weight of the adapter
 */
record BottleneckLayer(
    BottleneckSpec spec,
    double factor,
    Parameter down,
    Parameter downBias,
    Parameter up,
    Parameter upBias)
    implements AdapterLayer {

  @Override
  public List<Parameter> parameters() {
    return List.of(down, downBias, up, upBias);
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tape tape = context.tape();
    Tensor output = base.output(x);
    DType dtype = output.dtype();
    Tensor input = spec.isParallel() ? Precision.cast(context, x, dtype) : output;
    Tensor narrow = linear(context, input, down, downBias, dtype);
    Tensor active = new Activation(spec.nonLinearity()).of(tape, narrow);
    Tensor wide = linear(context, active, up, upBias, dtype);
    double p = context.dropout(spec.dropout());
    Tensor kept = p > 0 ? Functions.dropout(tape, wide, p, context.random()) : wide;
    return Functions.add(tape, output, factor == 1 ? kept : Functions.scale(tape, kept, factor));
  }

  private static Tensor linear(
      ForwardContext context, Tensor x, Parameter weight, Parameter bias, DType dtype) {
    return Functions.linear(
        context.tape(),
        x,
        Precision.cast(context, weight.value(), dtype),
        Precision.cast(context, bias.value(), dtype));
  }

  @Override
  public AdapterLayer weighted(double more) {
    return new BottleneckLayer(spec, factor * more, down, downBias, up, upBias);
  }

  @Override
  public Optional<String> mergeProblem(TargetModule module) {
    return Optional.of("a bottleneck adapter has an activation, which no weight can express");
  }

  /** Never called: see {@link #mergeProblem}. */
  @Override
  public Tensor merged(Tensor weight) {
    throw new UnsupportedOperationException("a bottleneck adapter cannot be merged");
  }
}
