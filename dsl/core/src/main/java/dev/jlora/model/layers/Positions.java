package dev.jlora.model.layers;

import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.ops.Indexing;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.List;

/**
 * Learned positions of the input [B, S, ...]: [S, width], to be broadcast over rows, for the
 * positions in the batch (after those in the cache); [B, S, width] if the batch has {@code
 * position_ids}.
 */
public record Positions(Layer table) implements Layer {
  private static final String INPUT = "position_ids";

  @Override
  public List<Layer> parts() {
    return List.of(table);
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    Adaptable rows = assembly.build(table, Adaptable.class);
    Lookup own = new Lookup(INPUT, false, table);
    assembly.looksUp(INPUT, rows.in());
    return (input, pass) -> {
      Tensor given = pass.input(INPUT);
      if (given != null) {
        own.check(given, rows.in());
        return rows.forward(given, pass);
      }
      long end = pass.past() + input.size(1);
      Tensor places = Indexing.arange(end, input.device());
      return rows.forward(Views.slice(places, 0, pass.past(), end), pass);
    };
  }
}
