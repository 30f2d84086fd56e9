package dev.jlora.model;

import dev.jlora.autograd.Functions;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * x + dropout(body(x)). With the norm first in the body this is the pre-norm block of GPT-2 and
 * ViT.
 */
public record Residual(Layer body, double dropout) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(body);
  }

  @Override
  public Module build(Assembly assembly) {
    Module inner = assembly.build(body);
    return (x, pass) -> {
      Tensor y = Precision.cast(pass, inner.forward(x, pass), x.dtype());
      return Functions.dropoutAdd(pass.tape(), y, x, pass.dropout(dropout), pass.random());
    };
  }
}
