package dev.jlora.spi;

import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.Nearest;
import java.util.Collection;

/**
 * Validation of values common to most configurations. Each failure is a {@link FormatException}
 * that names key and file.
 */
public final class ConfigChecks {
  /** Far above any published model; sizes within these limits cannot overflow when multiplied. */
  private static final int MOST_LAYERS = 1024;

  private static final int MOST_HEADS = 1 << 14;
  private static final int WIDEST = 1 << 20;
  private static final int LONGEST_TABLE = 1 << 27;
  private static final int LARGEST_IMAGE = 1 << 14;
  private static final double WIDEST_DEVIATION = 1000;

  private ConfigChecks() {}

  /** An integer of at least 1, such as the number of rows of a table. */
  public static int positive(ModelConfig config, String key, int otherwise) {
    return between(config, key, otherwise, LONGEST_TABLE);
  }

  /** A number of layers. */
  public static int layers(ModelConfig config, String key, int otherwise) {
    return between(config, key, otherwise, MOST_LAYERS);
  }

  /** A number of attention heads, or the size of one. */
  public static int heads(ModelConfig config, String key, int otherwise) {
    return between(config, key, otherwise, MOST_HEADS);
  }

  /** The size of a hidden state. */
  public static int width(ModelConfig config, String key, int otherwise) {
    return between(config, key, otherwise, WIDEST);
  }

  /** The edge length of an image or a patch, in pixels. */
  public static int pixels(ModelConfig config, String key, int otherwise) {
    return between(config, key, otherwise, LARGEST_IMAGE);
  }

  /** A dropout probability. */
  public static double dropout(ModelConfig config, String key, double otherwise) {
    double value = config.number(key, otherwise);
    return checked(config, key, value, value >= 0 && value < 1, "0 or more and less than 1");
  }

  /** The epsilon of a norm. */
  public static double epsilon(ModelConfig config, String key, double otherwise) {
    double value = config.number(key, otherwise);
    return checked(config, key, value, value >= 0 && value <= 1, "0 to 1");
  }

  /** The standard deviation of an initialization. */
  public static double deviation(ModelConfig config, String key, double otherwise) {
    double value = config.number(key, otherwise);
    boolean fits = value >= 0 && value <= WIDEST_DEVIATION;
    return checked(config, key, value, fits, "0 to " + (int) WIDEST_DEVIATION);
  }

  private static double checked(
      ModelConfig config, String key, double value, boolean fits, String expected) {
    if (!fits) {
      throw new FormatException(
          config.source(),
          "%s is %s, expected %s.".formatted(key, value, expected),
          "Check it against the model's own config.json.");
    }
    return value;
  }

  private static int between(ModelConfig config, String key, int otherwise, int most) {
    return config.integer(key, otherwise, 1, most);
  }

  /** Checks that the hidden size is a multiple of the number of heads. */
  public static void multiple(
      ModelConfig config, String widthKey, int width, String headsKey, int heads) {
    if (width % heads != 0) {
      throw new FormatException(
          config.source(),
          "%s %d is not a multiple of %s %d.".formatted(widthKey, width, headsKey, heads),
          "Check both against the model's own config.json.");
    }
  }

  /** Checks that the padding token is in the vocabulary. */
  public static void padding(ModelConfig config, int padding, int vocabulary) {
    if (padding < 0 || padding >= vocabulary) {
      throw new FormatException(
          config.source(),
          "pad_token_id is %d, expected 0 to %d (vocab_size is %d)."
              .formatted(padding, vocabulary - 1, vocabulary),
          "Check both against the model's own config.json.");
    }
  }

  /**
   * Checks that a table whose first {@code padding + 1} rows are not positions has more rows than
   * that.
   */
  public static void positions(ModelConfig config, int positions, int padding) {
    if (positions <= padding + 1) {
      throw new FormatException(
          config.source(),
          "max_position_embeddings is %d, expected more than %d: the first %d rows are for padding."
              .formatted(positions, padding + 1, padding + 1),
          "Check it against the model's own config.json.");
    }
  }

  /** The exception for an architecture that the family does not have. */
  public static FormatException noArchitecture(
      ModelConfig config, String family, String name, Collection<String> known) {
    return new FormatException(
        config.source(),
        "asks for the architecture '%s', which the %s family does not have."
            .formatted(name, family),
        "Expected one of " + Nearest.list(name, known) + ".");
  }
}
