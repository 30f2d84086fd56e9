package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.FirstTokens;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
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
  public boolean tokenwise() {
    return body.tokenwise();
  }

  @Override
  public boolean supportsUnpadded() {
    return body.supportsUnpadded();
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    Module inner = assembly.build(body);
    return (x, pass) -> sum(x, inner.forward(x, pass), pass);
  }

  @Override
  public Module buildForFirstToken(Assembly assembly) {
    if (tokenwise()) {
      return Layer.super.buildForFirstToken(assembly);
    }
    Module inner = assembly.buildForFirstToken(body);
    return (x, pass) -> sum(FirstTokens.of(x, pass), inner.forward(x, pass), pass);
  }

  private Tensor sum(Tensor x, Tensor result, ForwardContext pass) {
    Tensor y = Precision.cast(pass, result, x.dtype());
    return Functions.dropoutAdd(pass.tape(), y, x, pass.dropout(dropout), pass.random());
  }
}
