package dev.jlora.engine.jobs;

import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;

/** Opens a model's tokenizer and checks it against the model. */
public final class ModelText {
  private ModelText() {}

  /**
   * The tokenizer of a folder.
   *
   * @param positions maximum sequence length of the model's architecture; 0 for no limit
   * @throws FormatException if it has ids beyond the model's embedding table
   */
  public static TextEncoder open(
      ModelFolder folder, ModelConfig config, TextOptions options, long positions) {
    TextEncoder text = TextEncoder.open(folder, options, positions);
    try {
      requireRows(folder, config, text.vocabularySize());
      return text;
    } catch (RuntimeException e) {
      text.close();
      throw e;
    }
  }

  private static void requireRows(ModelFolder folder, ModelConfig config, int ids) {
    int rows = config.integer("vocab_size", ids);
    if (ids > rows) {
      throw new FormatException(
          folder.tokenizer(),
          "has ids up to %,d, but the model's table has %,d rows.".formatted(ids - 1, rows),
          "Use the tokenizer.json that belongs to this model.");
    }
  }
}
