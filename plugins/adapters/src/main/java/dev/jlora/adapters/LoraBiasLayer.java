package dev.jlora.adapters;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.model.runtime.Base;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.model.runtime.Precision;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * y = W x + b + scaling * (B A dropout(x) + c): LoRA with PEFT's {@code lora_bias}.
 *
 * @param lora the layer without c
 * @param bias c [out], float32
 */
record LoraBiasLayer(LoraLayer lora, Parameter bias) implements AdapterLayer {

  @Override
  public List<Parameter> parameters() {
    return List.of(lora.a(), lora.b(), bias);
  }

  @Override
  public List<LowRankPair> pairs() {
    return lora.pairs();
  }

  @Override
  public Tensor forward(Base base, Tensor x, ForwardContext context) {
    Tape tape = context.tape();
    Tensor y = lora.forward(base, x, context);
    Tensor change = Functions.scale(tape, bias.value(), lora.scaling());
    if (lora.target().module().kind() == TargetModule.Kind.CONVOLUTION) {
      change = Functions.reshape(tape, change, 1, -1, 1, 1);
    }
    return Functions.add(tape, y, Precision.cast(context, change, y.dtype()));
  }

  @Override
  public AdapterLayer weighted(double factor) {
    return new LoraBiasLayer((LoraLayer) lora.weighted(factor), bias);
  }

  @Override
  public Tensor merged(Tensor weight) {
    return lora.merged(weight);
  }

  /** b + scaling * c. */
  @Override
  public Tensor mergedBias(Tensor base) {
    try (var _ = Scope.open()) {
      Tensor sum = Ops.add(Ops.to(base, base.dtype().wide()), bias.value(), lora.scaling());
      return Scope.moveOut(Ops.to(sum, base.dtype()));
    }
  }

  @Override
  public Optional<String> mergeProblem(TargetModule module) {
    return module.bias()
        ? Optional.empty()
        : Optional.of("the adapter has a bias (lora_bias), and the module has none to add it to");
  }
}
