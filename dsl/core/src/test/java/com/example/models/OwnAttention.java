package com.example.models;

import dev.jlora.model.CacheUse;
import dev.jlora.model.attention.AttentionBlock;
import dev.jlora.model.attention.AttentionHeads;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.ArrayList;
import java.util.List;

/** A layer kind outside jlora that attends: its projections, the heads, and the output. */
record OwnAttention(Layer query, Layer key, Layer value, Layer output, AttentionHeads heads)
    implements Layer {
  @Override
  public List<Layer> parts() {
    List<Layer> parts = new ArrayList<>(List.of(query, key, value, output));
    parts.addAll(heads.parts());
    return parts;
  }

  @Override
  public boolean supportsUnpadded() {
    return true;
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
    Module out = assembly.build(output);
    AttentionBlock block = heads.build(assembly);
    return (x, pass) ->
        out.forward(
            block.attend(q.forward(x, pass), k.forward(x, pass), v.forward(x, pass), pass), pass);
  }
}
