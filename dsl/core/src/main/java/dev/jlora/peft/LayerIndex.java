package dev.jlora.peft;

import dev.jlora.model.ModelException;
import dev.jlora.spec.PythonRegex;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The index of the layer that contains a module, from its path. */
final class LayerIndex {
  private final PythonRegex regex;

  /**
   * @param before the name before the index ({@code layer}), a regular expression; null or empty
   *     for any
   */
  LayerIndex(@Nullable String before, PythonRegex.Budget budget) {
    String name = before == null || before.isEmpty() ? "[^.]*" : "(?:" + before + ")";
    this.regex = PythonRegex.compile(".*?\\." + name + "\\.([0-9]+)\\.", budget);
  }

  /** The first index in the path, as in PEFT; empty if there is none. */
  OptionalInt of(String path) {
    try {
      return regex.numberAtStart(path);
    } catch (IllegalArgumentException e) {
      throw new ModelException("layers_pattern: " + e.getMessage());
    }
  }
}
