package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.CacheUse;
import dev.jlora.model.FrozenWeight;
import dev.jlora.model.Init;
import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdaptableModule;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.Multiplication;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a table, from ids [...] INT64 to [..., width].
 *
 * @param padding the row without a gradient, or -1
 */
public record Embedding(long rows, long width, long padding, Init init) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return List.of(ParameterSpec.weight("weight", List.of(rows, width), init));
  }

  @Override
  public TargetModule target(String path) {
    return new TargetModule(path, TargetModule.Kind.EMBEDDING, rows, width, false, false);
  }

  @Override
  public CacheUse cacheUse() {
    return CacheUse.NOTHING;
  }

  @Override
  public Module build(Assembly assembly) {
    Parameter weight = assembly.parameter("weight");
    return assembly.adaptable(
        new AdaptableModule(target(assembly.path()), weight, null, new Rows(padding)));
  }

  /** An id represents a one-hot vector, whose product is a row of the table. */
  private record Rows(long padding) implements Multiplication {
    @Override
    public Tensor product(
        FrozenWeight weight, @Nullable Tensor bias, Tensor ids, ForwardContext pass) {
      return Functions.embedding(pass.tape(), weight.dense(), ids, padding);
    }

    @Override
    public Tensor product(
        FrozenWeight weight,
        @Nullable Tensor bias,
        Tensor ids,
        LowRankUpdate update,
        ForwardContext pass) {
      return add(product(weight, bias, ids, pass), ids, update, pass);
    }

    @Override
    public Tensor add(Tensor product, Tensor ids, LowRankUpdate update, ForwardContext pass) {
      return update.addRows(pass.tape(), product, ids, padding);
    }
  }
}
