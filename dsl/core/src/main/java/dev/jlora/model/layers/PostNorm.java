package dev.jlora.model.layers;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.FirstTokenOnly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * norm(x + dropout(body(x))): the block structure of BERT, run as one fused function after the
 * body.
 *
 * @param cut whether the body computes only the first token, to which x is sliced
 */
public record PostNorm(Layer body, double dropout, Layer norm, boolean cut) implements Layer {
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
  public Layer firstTokenOnly() {
    return tokenwise()
        ? FirstTokenOnly.before(this)
        : new PostNorm(body.firstTokenOnly(), dropout, norm, true);
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    Module inner = assembly.build(body);
    LayerNorm.Built last = assembly.build(norm, LayerNorm.Built.class);
    return (x, pass) -> {
      Tensor kept = cut ? FirstTokenOnly.of(x, pass) : x;
      return last.afterResidual(inner.forward(x, pass), kept, dropout, pass);
    };
  }
}
