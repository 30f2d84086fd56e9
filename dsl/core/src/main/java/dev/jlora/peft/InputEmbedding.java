package dev.jlora.peft;

import dev.jlora.model.ModelException;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.layers.Lookup;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.tree.Named;
import org.jspecify.annotations.Nullable;

/** Finds the table of a model that its token ids select from. */
public final class InputEmbedding {
  private static final String IDS = "input_ids";

  private InputEmbedding() {}

  /**
   * The table [vocabulary, width] of {@code input_ids}.
   *
   * @throws ModelException if the model's main input is not token ids, or no table reads it
   */
  public static ParameterSpec of(ModelPlan model) {
    String main = model.architecture().inputs().getFirst();
    String path = main.equals(IDS) ? path(model.architecture().root(), "") : null;
    ParameterSpec table = path == null ? null : model.parameters().get(path + ".weight");
    if (table == null) {
      throw new ModelException(
          "%s reads %s, and has no table of word embeddings; expected a model that reads %s"
              .formatted(model.architecture().name(), main, IDS));
    }
    return table;
  }

  private static @Nullable String path(Layer layer, String path) {
    String below = layer instanceof Named named ? Assembly.join(path, named.name()) : path;
    if (layer instanceof Lookup lookup && lookup.input().equals(IDS)) {
      return lookup.table() instanceof Named table ? Assembly.join(below, table.name()) : below;
    }
    for (Layer part : layer.parts()) {
      String found = path(part, below);
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
