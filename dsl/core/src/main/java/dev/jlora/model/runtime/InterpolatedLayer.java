package dev.jlora.model.runtime;

import dev.jlora.autograd.Functions;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** An adapter layer whose change of the output, or of the weight, is multiplied by a factor. */
record InterpolatedLayer(AdapterLayer layer, double factor) implements AdapterLayer {
  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tensor plain = base.output(x);
    Tensor change = Functions.sub(context.tape(), layer.forward(base, x, context), plain);
    return Functions.add(context.tape(), plain, Functions.scale(context.tape(), change, factor));
  }

  @Override
  public Tensor merged(Tensor weight) {
    return between(weight, layer.merged(weight));
  }

  @Override
  public Tensor mergedBias(Tensor bias) {
    Tensor merged = layer.mergedBias(bias);
    return merged == bias ? bias : between(bias, merged);
  }

  private Tensor between(Tensor plain, Tensor merged) {
    return Ops.add(plain, Ops.mul(Ops.sub(merged, plain), factor));
  }

  @Override
  public Optional<String> mergeProblem(TargetModule module) {
    return layer.mergeProblem(module);
  }

  @Override
  public List<Parameter> parameters() {
    return layer.parameters();
  }
}
