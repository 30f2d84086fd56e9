package dev.jlora.gpt.rope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import java.util.Set;

/**
 * The rotary position settings of a config.json, in either layout: {@code rope_scaling} (with a
 * {@code type} or a {@code rope_type}) and {@code rope_theta}, or everything in {@code
 * rope_parameters}. If both exist, {@code rope_scaling} is used, as in transformers.
 *
 * @param model the whole configuration
 * @param view the inner one; errors name its position
 * @param width of a head
 * @param positions the model's max_position_embeddings
 */
record RopeParameters(ModelConfig model, ModelConfig view, int width, int positions) {
  private static final String ORIGINAL = "original_max_position_embeddings";

  /** Far above every base and factor in use; larger values overflow. */
  private static final double LARGEST = 1e12;

  /** Keys of all kinds; {@code finetuned} is a remark in old models. */
  private static final Set<String> KEYS =
      Set.of(
          "type",
          "rope_type",
          "rope_theta",
          "factor",
          ORIGINAL,
          "attention_factor",
          "beta_fast",
          "beta_slow",
          "mscale",
          "mscale_all_dim",
          "truncate",
          "short_factor",
          "long_factor",
          "low_freq_factor",
          "high_freq_factor",
          "partial_rotary_factor",
          "finetuned");

  static RopeParameters of(ModelConfig config, int width, int positions) {
    String key = isEmpty(config, "rope_scaling") ? "rope_parameters" : "rope_scaling";
    JsonNode found = config.json().path(key);
    ObjectNode empty = JsonNodeFactory.instance.objectNode();
    if (config.has(key) && !found.isObject()) {
      throw new FormatException(
          config.source(),
          "key '" + key + "' is " + found + ", expected an object.",
          "Correct it.");
    }
    ModelConfig view =
        ModelConfig.of(
            config.source() + ", " + key, found instanceof ObjectNode object ? object : empty);
    RopeParameters rope = new RopeParameters(config, view, width, positions);
    rope.check();
    return rope;
  }

  private static boolean isEmpty(ModelConfig config, String key) {
    return !config.has(key)
        || (config.json().path(key).isObject() && config.json().path(key).isEmpty());
  }

  private void check() {
    for (String key : (Iterable<String>) () -> view.json().fieldNames()) {
      if (!KEYS.contains(key)) {
        throw refused(
            "has the key '%s', which this family does not know.".formatted(key),
            "Take it out if it makes no difference; else this model is not supported.");
      }
    }
    for (ModelConfig place : new ModelConfig[] {view, model}) {
      double part = place.number("partial_rotary_factor", 1);
      if (part != 1) {
        throw refused(
            "turns a part of each head (partial_rotary_factor is %s).".formatted(part),
            "Only models that turn whole heads are supported.");
      }
    }
    if (!(theta() > 1 && theta() <= LARGEST)) {
      throw refused(
          "has a rope_theta of %s, expected more than 1 and at most %s."
              .formatted(theta(), LARGEST),
          "Check it against the model's own config.json (10000 is usual).");
    }
  }

  /** {@code default}, {@code linear}, ... */
  String kind() {
    return view.text("rope_type", view.text("type", "default"));
  }

  /** The base of the frequencies. */
  double theta() {
    return view.number("rope_theta", model.number("rope_theta", 10000));
  }

  /** The factor by which the context is extended. */
  double factor() {
    return positive("factor", view.number("factor"));
  }

  /** The factor, or the ratio of the lengths if only those are given. */
  double factorOrRatio() {
    boolean lengths = view.has(ORIGINAL) || model.has(ORIGINAL);
    return view.has("factor") || !lengths ? factor() : (double) positions / original();
  }

  /** The original context length. */
  int original() {
    int inner = view.integer(ORIGINAL, positions);
    return (int) positive(ORIGINAL, model.integer(ORIGINAL, inner));
  }

  /** A positive number. */
  double number(String key) {
    return positive(key, view.number(key));
  }

  /** A positive number; {@code otherwise} if it is absent or 0. */
  double number(String key, double otherwise) {
    double value = view.number(key, 0);
    return value == 0 ? otherwise : positive(key, value);
  }

  boolean has(String key) {
    return view.has(key);
  }

  boolean flag(String key, boolean otherwise) {
    return view.flag(key, otherwise);
  }

  /** A positive number for every pair of dimensions. */
  double[] perPair(String key) {
    JsonNode list = view.json().path(key);
    if (!list.isArray() || list.size() != pairs()) {
      throw refused(
          "has a %s of %s, expected a list of %d numbers, one for each pair of a head's dimensions."
              .formatted(key, list.isArray() ? list.size() + " entries" : list.toString(), pairs()),
          "Check it against the model's own config.json.");
    }
    double[] values = new double[pairs()];
    for (int i = 0; i < values.length; i++) {
      values[i] = positive(key, list.get(i).asDouble(Double.NaN));
    }
    return values;
  }

  int pairs() {
    return width / 2;
  }

  /** theta^(-2i / width) for pair i: the frequencies of the paper. */
  double[] plain() {
    return plain(theta());
  }

  /** The frequencies of the paper with another base. */
  double[] plain(double base) {
    double[] frequencies = new double[pairs()];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = Math.pow(base, -2.0 * i / width);
    }
    return frequencies;
  }

  private double positive(String key, double value) {
    if (!(value > 0 && value <= LARGEST)) {
      throw refused(
          "has a %s of %s, expected a number above 0 and at most %s."
              .formatted(key, value, LARGEST),
          "Check it against the model's own config.json.");
    }
    return value;
  }

  FormatException refused(String what, String remedy) {
    return new FormatException(view.source(), what, remedy);
  }
}
