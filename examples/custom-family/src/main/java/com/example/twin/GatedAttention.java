package com.example.twin;

import dev.jlora.autograd.Functions;
import dev.jlora.model.CacheUse;
import dev.jlora.model.attention.AttentionBlock;
import dev.jlora.model.attention.AttentionHeads;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Precision;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/** Attention with a gate: sigmoid(gate(x)) * attention(x), [B, S, width] to [B, S, width]. */
record GatedAttention(Layer query, Layer key, Layer value, Layer gate, AttentionHeads heads)
    implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(query, key, value, gate);
  }

  @Override
  public boolean supportsUnpadded() {
    return parts().stream().allMatch(Layer::supportsUnpadded);
  }

  @Override
  public CacheUse cacheUse() {
    return heads.cacheUse();
  }

  @Override
  public Module build(Assembly assembly) {
    Module q = assembly.build(query);
    Module k = assembly.build(key);
    Module v = assembly.build(value);
    Module g = assembly.build(gate);
    AttentionBlock attention = heads.build(assembly);
    return (x, pass) -> {
      Tensor mixed =
          attention.attend(q.forward(x, pass), k.forward(x, pass), v.forward(x, pass), pass);
      Tensor open = Functions.sigmoid(pass.tape(), g.forward(x, pass));
      return Functions.mul(pass.tape(), mixed, Precision.cast(pass, open, mixed.dtype()));
    };
  }
}
