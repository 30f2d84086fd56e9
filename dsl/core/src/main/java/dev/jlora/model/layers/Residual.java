package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.FirstTokenOnly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * x + dropout(body(x)). With the norm first in the body this is the pre-norm block of GPT-2 and
 * ViT.
 *
 * @param cut whether the body computes only the first token, to which x is sliced
 */
public record Residual(Layer body, double dropout, boolean cut) implements Layer {
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
  public Layer firstTokenOnly() {
    return tokenwise()
        ? FirstTokenOnly.before(this)
        : new Residual(body.firstTokenOnly(), dropout, true);
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    Module inner = assembly.build(body);
    return (x, pass) -> {
      Tensor kept = cut ? FirstTokenOnly.of(x, pass) : x;
      Tensor y = Precision.cast(pass, inner.forward(x, pass), x.dtype());
      return Functions.dropoutAdd(pass.tape(), y, kept, pass.dropout(dropout), pass.random());
    };
  }
}
