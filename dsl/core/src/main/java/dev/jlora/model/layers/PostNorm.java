package dev.jlora.model.layers;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.FirstTokens;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * norm(x + dropout(body(x))): the block structure of BERT, run as one fused function after the
 * body.
 */
public record PostNorm(Layer body, double dropout, Layer norm) implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(body, norm);
  }

  @Override
  public boolean tokenwise() {
    return body.tokenwise() && norm.tokenwise();
  }

  @Override
  public boolean supportsUnpadded() {
    return body.supportsUnpadded() && norm.supportsUnpadded();
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    Module inner = assembly.build(body);
    LayerNorm.Built last = assembly.build(norm, LayerNorm.Built.class);
    return (x, pass) -> last.afterResidual(inner.forward(x, pass), x, dropout, pass);
  }

  @Override
  public Module buildForFirstToken(Assembly assembly) {
    if (tokenwise()) {
      return Layer.super.buildForFirstToken(assembly);
    }
    Module inner = assembly.buildForFirstToken(body);
    LayerNorm.Built last = assembly.build(norm, LayerNorm.Built.class);
    return (x, pass) -> {
      Tensor first = FirstTokens.of(x, pass);
      return last.afterResidual(inner.forward(x, pass), first, dropout, pass);
    };
  }
}
