package dev.jlora.spi;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;

/**
 * What the configurations of most families have to hold. Each failure is a {@link FormatException}
 * that names key and file.
 */
public final class ConfigChecks {
  private ConfigChecks() {}

  /** A whole number of at least 1. */
  public static int positive(ModelConfig config, String key, int otherwise) {
    int value = config.integer(key, otherwise);
    if (value <= 0) {
      throw new FormatException(
          config.source(),
          "%s is %d, expected 1 or more.".formatted(key, value),
          "Check it against the model's own config.json.");
    }
    return value;
  }

  /** The hidden size is shared out evenly among the heads. */
  public static void multiple(
      ModelConfig config, String widthKey, int width, String headsKey, int heads) {
    if (width % heads != 0) {
      throw new FormatException(
          config.source(),
          "%s %d is not a multiple of %s %d.".formatted(widthKey, width, headsKey, heads),
          "Check both against the model's own config.json.");
    }
  }

  /** The id of padding is a row of the vocabulary. */
  public static void padding(ModelConfig config, int padding, int vocabulary) {
    if (padding < 0 || padding >= vocabulary) {
      throw new FormatException(
          config.source(),
          "pad_token_id is %d, expected 0 to %d (vocab_size is %d)."
              .formatted(padding, vocabulary - 1, vocabulary),
          "Check both against the model's own config.json.");
    }
  }

  /** A table whose first {@code padding + 1} rows are no positions has more rows than that. */
  public static void positions(ModelConfig config, int positions, int padding) {
    if (positions <= padding + 1) {
      throw new FormatException(
          config.source(),
          "max_position_embeddings is %d, expected more than %d: the first %d rows are for padding."
              .formatted(positions, padding + 1, padding + 1),
          "Check it against the model's own config.json.");
    }
  }

  /** Language models are supported with their decoder tied to the word embeddings. */
  public static void tied(ModelConfig config, boolean tied, String architecture) {
    if (!tied) {
      throw new FormatException(
          config.source(),
          "tie_word_embeddings is false: the decoder has a weight of its own.",
          architecture + " is supported with tied embeddings, as it is published.");
    }
  }

  /** For a name that no class of the family has. */
  public static FormatException noArchitecture(
      ModelConfig config, String family, String name, Iterable<String> known) {
    return new FormatException(
        config.source(),
        "asks for the architecture '%s', which the %s family does not have."
            .formatted(name, family),
        "Expected one of " + known + ".");
  }
}
