package dev.jlora.model.layers;

import dev.jlora.model.CacheUse;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.InputChecks;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * The rows of a table selected by one of the model's inputs: ids [B, S] INT64 to [B, S, width].
 *
 * @param input the input's name ({@code input_ids}, {@code token_type_ids})
 * @param zeroIfAbsent whether an absent input means id 0 everywhere (the result is [1, width])
 */
public record Lookup(String input, boolean zeroIfAbsent, Layer table) implements Layer {
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
    assembly.looksUp(input, rows.in());
    return (main, pass) -> {
      Tensor ids = zeroIfAbsent ? pass.input(input) : pass.require(input);
      if (ids == null) {
        return rows.forward(Tensor.zeros(DType.INT64, main.device(), 1), pass);
      }
      check(ids, rows.in());
      return pass.embedded(input, rows.forward(ids, pass));
    };
  }

  /** Ids on a GPU were checked on the host, before they were copied: {@link Network#place}. */
  void check(Tensor ids, long rows) {
    if (ids.dtype() != DType.INT64) {
      throw new ModelException("%s: got %s, expected INT64 ids".formatted(input, ids.dtype()));
    }
    InputChecks.ids(input, ids, rows);
  }
}
