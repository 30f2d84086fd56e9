package dev.jlora.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spec.Bias;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.Targets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * PEFT's {@code adapter_config.json}. Unknown keys are kept and written back. Immutable.
 *
 * <p>A value of the wrong type is an error that names the key, the value, and what was expected.
 */
public final class PeftConfig {
  /** The file's name. */
  public static final String FILE = "adapter_config.json";

  private final String where;
  private final MethodTraits traits;
  private final ObjectNode json;

  private PeftConfig(String where, MethodTraits traits, ObjectNode json) {
    this.where = where;
    this.traits = traits;
    this.json = json;
  }

  /** A configuration in which every key has its default. */
  public static PeftConfig of(MethodTraits traits) {
    return new PeftConfig(FILE, traits, traits.defaults().deepCopy());
  }

  /**
   * Reads the file of a folder.
   *
   * @throws FormatException if it is missing, belongs to another method, or requires a feature that
   *     this method does not support
   */
  public static PeftConfig read(Path folder, MethodTraits traits) {
    Path file = folder.resolve(FILE);
    ObjectNode given = Json.readObject(file);
    ObjectNode json = traits.defaults().deepCopy();
    json.setAll(given);
    PeftConfig config = new PeftConfig(file.toString(), traits, json);
    config.refuseOther();
    config.warnAboutUnknown(given);
    return config;
  }

  private void refuseOther() {
    String type = text("peft_type");
    if (!type.equals(traits.peftType())) {
      throw new FormatException(
          where,
          "peft_type is '%s', expected '%s'.".formatted(type, traits.peftType()),
          "Load an adapter that was trained with %s.".formatted(traits.title()));
    }
    refused(json, traits)
        .ifPresent(
            key -> {
              throw new FormatException(
                  where,
                  "%s is %s, which is not supported.".formatted(key, json.get(key)),
                  "Only plain %s adapters can be loaded; merge this one with the library that made it."
                      .formatted(traits.title()));
            });
  }

  /** The first key that turns on an unsupported feature. */
  static Optional<String> refused(JsonNode given, MethodTraits traits) {
    return traits.refused().stream()
        .filter(
            key -> {
              JsonNode value = given.path(key);
              boolean off =
                  value.isMissingNode()
                      || value.isNull()
                      || value.equals(traits.defaults().get(key))
                      || value.isBoolean() && !value.asBoolean()
                      || value.isContainerNode() && value.isEmpty();
              return !off;
            })
        .findFirst();
  }

  private void warnAboutUnknown(ObjectNode given) {
    List<String> unknown = new ArrayList<>();
    given.fieldNames().forEachRemaining(unknown::add);
    unknown.removeIf(traits.defaults()::has);
    if (!unknown.isEmpty()) {
      LoggerFactory.getLogger(PeftConfig.class)
          .warn(
              "{}: unknown keys are kept, and have no effect here: {}",
              where,
              String.join(", ", unknown));
    }
  }

  /** The file, for errors. */
  public String where() {
    return where;
  }

  /** PEFT's name of the task ({@code SEQ_CLS}), or empty. */
  public String taskType() {
    return text("task_type");
  }

  /** The name or folder of the base model, or empty. */
  public String baseModel() {
    return text("base_model_name_or_path");
  }

  /**
   * Converts the configuration to a spec.
   *
   * @throws FormatException if the spec is invalid
   */
  public <S> S spec(Function<PeftConfig, S> read) {
    try {
      return read.apply(this);
    } catch (SpecException e) {
      throw new FormatException(
          where,
          "is not a %s config: %s".formatted(traits.title(), e.getMessage()),
          "Check how the adapter was saved.",
          e);
    }
  }

  /** The value of a key as an integer. */
  public int integer(String key) {
    return integer(key, json.path(key));
  }

  private int integer(String key, JsonNode value) {
    if (value.isIntegralNumber() && value.canConvertToInt()) {
      return value.asInt();
    }
    if (value.isNumber() && value.asDouble() == Math.rint(value.asDouble())) {
      double whole = value.asDouble();
      if (Math.abs(whole) <= Integer.MAX_VALUE) {
        return (int) whole;
      }
    }
    throw wrong(key, value, "a whole number");
  }

  /** The value of a key as a number. */
  public double number(String key) {
    return number(key, json.path(key));
  }

  private double number(String key, JsonNode value) {
    if (value.isNumber()) {
      return value.asDouble();
    }
    throw wrong(key, value, "a number");
  }

  /** The value of a key as a boolean; null is false. */
  public boolean flag(String key) {
    JsonNode value = json.path(key);
    if (value.isNull()) {
      return false;
    }
    if (value.isBoolean()) {
      return value.asBoolean();
    }
    throw wrong(key, "true or false");
  }

  /** The value of a key as a string; null is an empty one. */
  public String text(String key) {
    JsonNode value = json.path(key);
    if (value.isNull()) {
      return "";
    }
    if (value.isTextual()) {
      return value.asText();
    }
    throw wrong(key, "a text");
  }

  /** The value of a key as a list of strings; null is an empty one. */
  public List<String> names(String key) {
    JsonNode value = json.path(key);
    if (value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrong(key, "a list of names");
    }
    return List.copyOf(texts(key, value));
  }

  private List<String> texts(String key, JsonNode list) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : list) {
      if (!item.isTextual()) {
        throw wrong(key, list, "a list of names");
      }
      texts.add(item.asText());
    }
    return texts;
  }

  /** Integers by pattern, as in {@code rank_pattern}. */
  public Map<String, Integer> integers(String key) {
    return map(key, this::integer);
  }

  /** Numbers by pattern, as in {@code alpha_pattern}. */
  public Map<String, Double> numbers(String key) {
    return map(key, this::number);
  }

  private <T> Map<String, T> map(String key, BiFunction<String, JsonNode, T> convert) {
    JsonNode value = json.path(key);
    Map<String, T> map = new LinkedHashMap<>();
    if (value.isNull()) {
      return map;
    }
    if (!value.isObject()) {
      throw wrong(key, "an object from patterns to numbers");
    }
    value
        .properties()
        .forEach(
            entry ->
                map.put(
                    entry.getKey(),
                    convert.apply("%s '%s'".formatted(key, entry.getKey()), entry.getValue())));
    return map;
  }

  /** The value of a key as JSON; its default if it is absent. */
  public JsonNode json(String key) {
    return json.path(key);
  }

  /** Whether a key is absent or null. */
  public boolean isNull(String key) {
    return json.path(key).isNull() || json.path(key).isMissingNode();
  }

  /**
   * The value of a key, converted from its plain form: a string, a number, a boolean, or a list or
   * map of these.
   *
   * @param expected its form, for the error if {@code convert} fails
   */
  public <T> T value(String key, String expected, Function<Object, T> convert) {
    if (holdsNull(json.path(key))) {
      throw wrong(key, expected);
    }
    try {
      return convert.apply(Json.mapper().convertValue(json.path(key), Object.class));
    } catch (IllegalArgumentException | ClassCastException e) {
      throw wrong(key, expected);
    }
  }

  /** Whether a list or an object has a null inside, which no value of PEFT's has. */
  private static boolean holdsNull(JsonNode value) {
    for (JsonNode part : value) {
      if (part.isNull() || holdsNull(part)) {
        return true;
      }
    }
    return false;
  }

  /** {@code target_modules}: null for the method's defaults. */
  public @Nullable Targets targetModules() {
    Targets targets = targets("target_modules");
    if (targets instanceof Targets.Names names && names.names().isEmpty()) {
      throw wrong(
          "target_modules",
          "names of modules: this adapter has no %s weights, so there is nothing to load"
              .formatted(traits.title()));
    }
    return targets;
  }

  /** {@code exclude_modules}: null for none. */
  public @Nullable Targets excludeModules() {
    Targets excluded = targets("exclude_modules");
    return excluded instanceof Targets.Names names && names.names().isEmpty() ? null : excluded;
  }

  /** The value of a key as names or a regular expression; null for none. */
  public @Nullable Targets targets(String key) {
    JsonNode value = json.path(key);
    if (value.isNull()) {
      return null;
    }
    if (value.isArray()) {
      return new Targets.Names(texts(key, value));
    }
    if (value.isTextual()) {
      return Targets.of(value.asText());
    }
    throw new FormatException(
        where, "%s is %s.".formatted(key, value), "Expected a list of names or a text.");
  }

  /** {@code modules_to_save} without the heads that the task type adds. */
  public List<String> modulesToSave() {
    List<String> modules = new ArrayList<>(names("modules_to_save"));
    modules.removeAll(new HeadRules(taskType()).heads());
    return modules;
  }

  /** {@code bias}; PEFT names the targets' biases after the method, as in {@code lora_only}. */
  public Bias bias() {
    String text = text("bias");
    if (text.endsWith("_only")) {
      return Bias.LORA_ONLY;
    }
    return Arrays.stream(Bias.values())
        .filter(bias -> bias.name().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                new FormatException(
                    where, "bias is '%s'.".formatted(text), "Expected none, all or lora_only."));
  }

  /** {@code layers_to_transform}, one index or a list of them; null for all. */
  public @Nullable List<Integer> layersToTransform() {
    JsonNode value = json.path("layers_to_transform");
    if (value.isNull() || value.isArray() && value.isEmpty()) {
      return null;
    }
    List<Integer> layers = new ArrayList<>();
    for (JsonNode layer : value.isArray() ? value : List.of(value)) {
      if (!layer.isIntegralNumber() || !layer.canConvertToInt()) {
        throw wrong("layers_to_transform", "the index of a layer, or a list of them");
      }
      layers.add(layer.asInt());
    }
    return layers;
  }

  /** {@code layers_pattern}, a name or a list of alternatives; null for any name. */
  public @Nullable String layersPattern() {
    JsonNode value = json.path("layers_pattern");
    boolean unused = json.path("layers_to_transform").isNull();
    if (value.isNull() || value.isEmpty() && value.isArray() || unused) {
      return null;
    }
    if (value.isArray()) {
      return String.join("|", texts("layers_pattern", value));
    }
    if (value.isTextual()) {
      return value.asText().isEmpty() ? null : value.asText();
    }
    throw wrong("layers_pattern", "a name, or a list of names");
  }

  /** The exception for an invalid value of a key. */
  public FormatException wrong(String key, String expected) {
    return wrong(key, json.path(key), expected);
  }

  private FormatException wrong(String key, JsonNode value, String expected) {
    String shown = value.toString();
    return new FormatException(
        where,
        "%s is %s, expected %s."
            .formatted(
                key, shown.length() > 200 ? shown.substring(0, 200) + "..." : shown, expected),
        "Check how the adapter was saved.");
  }

  /** A copy with another value of a key. */
  public PeftConfig with(String key, @Nullable Object value) {
    ObjectNode changed = json.deepCopy();
    changed.set(key, Json.mapper().valueToTree(value));
    return new PeftConfig(where, traits, changed);
  }

  /** A copy with an alpha; PEFT writes whole ones as integers. */
  public PeftConfig withAlpha(String key, double alpha) {
    return with(key, whole(alpha));
  }

  /** A copy with alphas by pattern; PEFT writes whole ones as integers. */
  public PeftConfig withAlphas(String key, Map<String, Double> alphas) {
    Map<String, Number> numbers = new LinkedHashMap<>();
    alphas.forEach((pattern, alpha) -> numbers.put(pattern, whole(alpha)));
    return with(key, numbers);
  }

  private static Number whole(double value) {
    return value == Math.rint(value) ? (Number) (long) value : (Number) value;
  }

  /**
   * A copy with the keys of all methods, and with those of {@link TargetedSpec} that this method
   * has.
   *
   * @param taskType PEFT's name, or empty
   */
  public PeftConfig with(TargetedSpec spec, String taskType, String baseModel) {
    Targets targets = spec.targetModules();
    Targets excluded = spec.excludeModules();
    return with(spec.modulesToSave(), taskType, baseModel)
        .known("target_modules", targets == null ? null : targets.json())
        .known("exclude_modules", excluded == null ? null : excluded.json())
        .known("layers_to_transform", spec.layersToTransform())
        .known("layers_pattern", spec.layersPattern())
        .known("bias", written(spec.bias()))
        .known("ensure_weight_tying", spec.ensureWeightTying());
  }

  /**
   * A copy with the keys of all methods.
   *
   * @param modulesToSave without the task's head
   * @param taskType PEFT's name, or empty
   */
  public PeftConfig with(List<String> modulesToSave, String taskType, String baseModel) {
    List<String> saved = new HeadRules(taskType).namesToSave(modulesToSave);
    return with("base_model_name_or_path", baseModel)
        .with("task_type", taskType.isEmpty() ? null : taskType)
        .with("inference_mode", true)
        .with("peft_version", traits.defaults().get("peft_version"))
        .known("modules_to_save", saved.isEmpty() ? null : saved);
  }

  /** PEFT's word, or the one that was read: {@code hra_only} means the same for HRA. */
  private String written(Bias bias) {
    String given = json.path("bias").asText();
    return bias == Bias.LORA_ONLY && given.endsWith("_only")
        ? given
        : bias.name().toLowerCase(Locale.ROOT);
  }

  /** A copy with a value, if the method has this key. */
  private PeftConfig known(String key, @Nullable Object value) {
    return traits.defaults().has(key) ? with(key, value) : this;
  }

  /** Writes the file in PEFT's layout: sorted keys, indented by two spaces. */
  public void write(Path folder) {
    Map<String, JsonNode> sorted = new TreeMap<>();
    json.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    Json.write(folder.resolve(FILE), sorted);
  }
}
