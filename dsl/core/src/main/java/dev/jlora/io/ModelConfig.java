package dev.jlora.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Typed access to a {@code config.json}. A key that is missing or has the wrong type is a {@link
 * FormatException} that names key and file. Immutable: {@code with...} methods return a changed
 * copy.
 */
public final class ModelConfig {
  /** The name of the file: {@value}. */
  public static final String FILE = "config.json";

  /** Upper limit for the number of labels: each is a row of the head and a name. */
  private static final int MOST_LABELS = 1 << 20;

  private static final int LONGEST_SHOWN = 200;

  private final String source;
  private final ObjectNode json;

  private ModelConfig(String source, ObjectNode json) {
    this.source = source;
    this.json = json;
  }

  /** Reads {@code file}. */
  public static ModelConfig read(Path file) {
    return new ModelConfig(file.toString(), Json.readObject(file));
  }

  /** Wraps a copy of {@code json}; {@code source} names it in errors. */
  public static ModelConfig of(String source, ObjectNode json) {
    return new ModelConfig(source, json.deepCopy());
  }

  /** The origin of the configuration. */
  public String source() {
    return source;
  }

  /** A copy of the whole configuration. */
  public ObjectNode json() {
    return json.deepCopy();
  }

  /** Whether the key exists with a value other than null. */
  public boolean has(String key) {
    return json.hasNonNull(key);
  }

  public int integer(String key) {
    JsonNode value = required(key, "a whole number");
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw mistyped(key, value, "a whole number");
    }
    return value.intValue();
  }

  public int integer(String key, int otherwise) {
    return has(key) ? integer(key) : otherwise;
  }

  /** An integer from {@code least} to {@code most}; {@code otherwise} if the key is absent. */
  public int integer(String key, int otherwise, int least, int most) {
    int value = integer(key, otherwise);
    if (value < least || value > most) {
      throw new FormatException(
          source,
          "%s is %,d, expected %s."
              .formatted(
                  key,
                  value,
                  value < least ? "%d or more".formatted(least) : "%,d at most".formatted(most)),
          "Check it against the model's own config.json.");
    }
    return value;
  }

  public double number(String key) {
    JsonNode value = required(key, "a number");
    if (!value.isNumber()) {
      throw mistyped(key, value, "a number");
    }
    return value.doubleValue();
  }

  public double number(String key, double otherwise) {
    return has(key) ? number(key) : otherwise;
  }

  public String text(String key) {
    JsonNode value = required(key, "a string");
    if (!value.isTextual()) {
      throw mistyped(key, value, "a string");
    }
    return value.textValue();
  }

  public String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  public boolean flag(String key) {
    JsonNode value = required(key, "true or false");
    if (!value.isBoolean()) {
      throw mistyped(key, value, "true or false");
    }
    return value.booleanValue();
  }

  public boolean flag(String key, boolean otherwise) {
    return has(key) ? flag(key) : otherwise;
  }

  /** A list of strings; empty if the key is absent. */
  public List<String> texts(String key) {
    if (!has(key)) {
      return List.of();
    }
    JsonNode value = json.get(key);
    List<String> texts = new ArrayList<>();
    for (JsonNode item : value) {
      texts.add(item.asText());
    }
    if (!value.isArray()) {
      throw mistyped(key, value, "a list of strings");
    }
    return List.copyOf(texts);
  }

  /** {@code model_type}: {@code bert}, {@code gpt2}, ... */
  public String modelType() {
    return text("model_type");
  }

  /** {@code architectures}: the transformers classes that the weights were saved from. */
  public List<String> architectures() {
    return texts("architectures");
  }

  /** {@code problem_type} of a sequence classifier, if set. */
  public Optional<String> problemType() {
    return has("problem_type") ? Optional.of(text("problem_type")) : Optional.empty();
  }

  /**
   * Label names in the order of their ids, from {@code id2label}; else {@code LABEL_0...} for
   * {@code num_labels}; else empty.
   */
  public List<String> labels() {
    JsonNode named = json.path("id2label");
    if (!named.isObject()) {
      if (has("id2label")) {
        throw mistyped("id2label", named, "an object from ids to label names");
      }
      int count = integer("num_labels", 0);
      if (count < 0 || count > MOST_LABELS) {
        throw mistyped("num_labels", json.get("num_labels"), "0 to %,d".formatted(MOST_LABELS));
      }
      List<String> numbered = new ArrayList<>();
      for (int id = 0; id < count; id++) {
        numbered.add("LABEL_" + id);
      }
      return List.copyOf(numbered);
    }
    List<String> labels = new ArrayList<>();
    for (int id = 0; id < named.size(); id++) {
      JsonNode label = named.path(Integer.toString(id));
      if (label.isMissingNode()) {
        throw new FormatException(
            source,
            "id2label has %d labels but none for id %d.".formatted(named.size(), id),
            "Number its labels from 0 without a gap.");
      }
      labels.add(label.asText());
    }
    return List.copyOf(labels);
  }

  /** Number of labels of a classifier: the named labels, else transformers' default of two. */
  public int numLabels() {
    int named = labels().size();
    return named == 0 ? 2 : named;
  }

  /**
   * A copy with {@code id2label} and {@code label2id} for {@code labels}, in the order of their
   * ids.
   */
  public ModelConfig withLabels(List<String> labels) {
    ObjectNode changed = json.deepCopy();
    ObjectNode id2label = changed.putObject("id2label");
    ObjectNode label2id = changed.putObject("label2id");
    for (int id = 0; id < labels.size(); id++) {
      id2label.put(Integer.toString(id), labels.get(id));
      label2id.put(labels.get(id), id);
    }
    changed.remove("num_labels");
    return new ModelConfig(source, changed);
  }

  /** A copy with one key set to a string, number, boolean, list or map; null removes it. */
  public ModelConfig with(String key, @Nullable Object value) {
    ObjectNode changed = json.deepCopy();
    if (value == null) {
      changed.remove(key);
    } else {
      changed.set(key, Json.mapper().valueToTree(value));
    }
    return new ModelConfig(source, changed);
  }

  /** Writes a {@code config.json} atomically. */
  public void write(Path file) {
    Json.write(file, json);
  }

  private JsonNode required(String key, String expected) {
    JsonNode value = json.get(key);
    if (value == null || value.isNull()) {
      throw new FormatException(
          source,
          "key '"
              + key
              + "' is "
              + (value == null ? "missing" : "null")
              + ", expected "
              + expected
              + ".",
          "Check that this is the configuration of the model you want.");
    }
    return value;
  }

  private FormatException mistyped(String key, JsonNode value, String expected) {
    return new FormatException(
        source,
        "key '" + key + "' is " + shortened(value) + ", expected " + expected + ".",
        "Correct it.");
  }

  private static String shortened(JsonNode value) {
    String text = value.toString();
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
  }

  @Override
  public String toString() {
    return source + " " + json;
  }
}
