package dev.jlora.model.layers;

import dev.jlora.autograd.Functions;
import dev.jlora.model.CacheUse;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdaptableModule;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.List;

/**
 * Rows of a table, from ids [...] INT64 to [..., width].
 *
 * @param padding the row that gets no gradient, or -1
 */
public record Embedding(long rows, long width, long padding, Init init) implements Layer {
  @Override
  public List<ParameterSpec> parameters() {
    return List.of(new ParameterSpec("weight", List.of(rows, width), init));
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
        new AdaptableModule(
            target(assembly.path()),
            weight,
            null,
            (ids, pass) -> Functions.embedding(pass.tape(), weight.value(), ids, padding)));
  }
}
