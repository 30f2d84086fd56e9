package dev.jlora.model.attention;

import dev.jlora.model.CacheUse;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * Multi-head self-attention without the output projection, [B, S, hidden] to [B, S, heads * d].
 *
 * @param projections the layers of queries, keys and values, [..., hidden] to [..., heads * d], and
 *     twice [..., key heads * d]; or one layer for all three, whose result holds them one after the
 *     other
 * @param heads the heads between which the projections are divided
 */
public record Attention(List<Layer> projections, AttentionHeads heads) implements Layer {
  /**
   * @throws ModelException if there is neither one projection nor three
   */
  public Attention {
    projections = List.copyOf(projections);
    if (projections.size() != 1 && projections.size() != 3) {
      throw new ModelException(
          "attention: got %d projections, expected queries, keys and values, or one layer for all"
              .formatted(projections.size()));
    }
  }

  @Override
  public List<Layer> parts() {
    List<Layer> parts = new ArrayList<>(projections);
    parts.addAll(heads.parts());
    return parts;
  }

  @Override
  public List<Integer> sections() {
    return projections.size() == 1
        ? List.of(heads.count(), heads.keyHeads(), heads.keyHeads())
        : List.of();
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
    return with(assembly.build(projections.getFirst()), assembly);
  }

  /**
   * One query per sequence; all tokens remain keys and values. A fused projection, causal heads,
   * rotary positions and windows compute all queries.
   */
  @Override
  public Module buildForFirstToken(Assembly assembly) {
    boolean separate = projections.size() == 3;
    return !separate || heads.isCausal() || heads.rotary() != null || heads.window() > 0
        ? Layer.super.buildForFirstToken(assembly)
        : with(assembly.buildForFirstToken(projections.getFirst()), assembly);
  }

  private Module with(Module first, Assembly assembly) {
    List<Module> others =
        projections.subList(1, projections.size()).stream().map(assembly::build).toList();
    AttentionBlock block = heads.build(assembly);
    if (others.isEmpty()) {
      return (x, pass) -> block.attend(first.forward(x, pass), pass);
    }
    Module k = others.getFirst();
    Module v = others.getLast();
    return (x, pass) -> {
      RotaryAngles angles = block.angles(x, pass);
      return block.mix(
          block.queries(first.forward(x, pass), angles, pass),
          block.keys(k.forward(x, pass), angles, pass),
          block.values(v.forward(x, pass), pass),
          pass);
    };
  }
}
