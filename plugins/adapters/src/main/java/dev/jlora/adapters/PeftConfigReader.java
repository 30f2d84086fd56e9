package dev.jlora.adapters;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.peft.HeadRules;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.Targets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Reads PEFT's {@code adapter_config.json}, and says for each key what it should hold. */
final class PeftConfigReader {
  /** Keys that change what the adapter computes in ways that are not supported. */
  private static final List<String> UNSUPPORTED =
      List.of(
          "alora_invocation_tokens",
          "arrow_config",
          "kasa_config",
          "layer_replication",
          "lora_bias",
          "monteclora_config",
          "target_parameters",
          "trainable_token_indices",
          "use_bdlora",
          "use_dora",
          "use_qalora",
          "velora_config");

  /** Initializations that leave the base weights as they are: a trained adapter is read alike. */
  private static final List<String> HARMLESS_INITS = List.of("gaussian", "orthogonal", "eva");

  private final Path file;
  private final ObjectNode json;

  private PeftConfigReader(Path file, ObjectNode json) {
    this.file = file;
    this.json = json;
  }

  /**
   * Reads a file.
   *
   * @param defaults every known key, with the value that stands for its absence
   */
  static PeftConfig read(Path file, ObjectNode defaults) {
    ObjectNode given = Json.readObject(file);
    ObjectNode json = defaults.deepCopy();
    json.setAll(given);
    PeftConfigReader reader = new PeftConfigReader(file, json);
    reader.refuseOther(defaults);
    reader.warnAboutUnknown(given, defaults);
    try {
      LoraSpec spec = reader.spec();
      return new PeftConfig(spec, reader.text("task_type"), reader.text("base_model_name_or_path"));
    } catch (SpecException e) {
      throw new FormatException(
          file.toString(),
          "is not a LoRA config: " + e.getMessage(),
          "Check how the adapter was saved.",
          e);
    }
  }

  private LoraSpec spec() {
    Targets targets = targets("target_modules");
    if (targets instanceof Targets.Names names && names.names().isEmpty()) {
      throw wrong(
          "target_modules",
          "names of modules: this adapter has no LoRA matrices, so there is nothing to load");
    }
    Targets excluded = targets("exclude_modules");
    return new LoraSpec(
        integer("r", json.get("r")),
        number("lora_alpha", json.get("lora_alpha")),
        number("lora_dropout", json.get("lora_dropout")),
        targets,
        excluded instanceof Targets.Names names && names.names().isEmpty() ? null : excluded,
        bias(),
        flag("use_rslora"),
        modulesToSave(),
        init(),
        map("rank_pattern", this::integer),
        map("alpha_pattern", this::number),
        layers(),
        layersPattern(),
        flag("fan_in_fan_out"),
        flag("ensure_weight_tying"));
  }

  private void refuseOther(ObjectNode defaults) {
    String type = text("peft_type");
    if (!type.equals("LORA")) {
      throw new FormatException(
          file,
          "peft_type is '%s', expected 'LORA'.".formatted(type),
          "Load an adapter that was trained with LoRA.");
    }
    unsupported(json, defaults)
        .ifPresent(
            key -> {
              throw new FormatException(
                  file,
                  "%s is %s, which is not supported.".formatted(key, json.get(key)),
                  "Only plain LoRA adapters can be loaded; merge this one with the library that"
                      + " made it.");
            });
  }

  /** The first key that makes an adapter compute something else; a key that is off does not. */
  static Optional<String> unsupported(JsonNode given, ObjectNode defaults) {
    return UNSUPPORTED.stream()
        .filter(
            key -> {
              JsonNode value = given.path(key);
              boolean off =
                  value.isMissingNode()
                      || value.isNull()
                      || value.equals(defaults.get(key))
                      || value.isBoolean() && !value.asBoolean()
                      || value.isContainerNode() && value.isEmpty();
              return !off;
            })
        .findFirst();
  }

  private void warnAboutUnknown(ObjectNode given, ObjectNode defaults) {
    List<String> unknown = new ArrayList<>();
    given
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!defaults.has(key)) {
                unknown.add(key);
              }
            });
    if (!unknown.isEmpty()) {
      LoggerFactory.getLogger(PeftConfig.class)
          .warn("{}: keys of another version are ignored: {}", file, String.join(", ", unknown));
    }
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

  private double number(String key, JsonNode value) {
    if (value.isNumber()) {
      return value.asDouble();
    }
    throw wrong(key, value, "a number");
  }

  private boolean flag(String key) {
    JsonNode value = json.get(key);
    if (value.isNull()) {
      return false;
    }
    if (value.isBoolean()) {
      return value.asBoolean();
    }
    throw wrong(key, "true or false");
  }

  private String text(String key) {
    JsonNode value = json.get(key);
    if (value.isNull()) {
      return "";
    }
    if (value.isTextual()) {
      return value.asText();
    }
    throw wrong(key, "a text");
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

  private @Nullable Targets targets(String key) {
    JsonNode value = json.get(key);
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
        file, "%s is %s.".formatted(key, value), "Expected a list of names or a text.");
  }

  /** The list without the heads that the task type adds by itself. */
  private List<String> modulesToSave() {
    JsonNode value = json.get("modules_to_save");
    if (value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrong("modules_to_save", "a list of names");
    }
    List<String> modules = texts("modules_to_save", value);
    modules.removeAll(new HeadRules(text("task_type")).heads());
    return modules;
  }

  private Bias bias() {
    String text = text("bias");
    return Arrays.stream(Bias.values())
        .filter(bias -> bias.name().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                new FormatException(
                    file, "bias is '%s'.".formatted(text), "Expected none, all or lora_only."));
  }

  private LoraInit init() {
    JsonNode value = json.get("init_lora_weights");
    if (value.isBoolean()) {
      return LoraInit.of(value.asBoolean());
    }
    if (HARMLESS_INITS.contains(value.asText())) {
      return value.asText().equals("gaussian") ? LoraInit.GAUSSIAN : LoraInit.DEFAULT;
    }
    throw new FormatException(
        file,
        "init_lora_weights is %s, which changes the base weights.".formatted(value),
        "Save the adapter as plain LoRA (PEFT: path_initial_model_for_weight_conversion).");
  }

  private @Nullable List<Integer> layers() {
    JsonNode value = json.get("layers_to_transform");
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

  /** A list of patterns means any of them. */
  private @Nullable String layersPattern() {
    JsonNode value = json.get("layers_pattern");
    boolean unused = json.get("layers_to_transform").isNull();
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

  private <T> Map<String, T> map(String key, BiFunction<String, JsonNode, T> convert) {
    JsonNode value = json.get(key);
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

  private FormatException wrong(String key, String expected) {
    return wrong(key, json.get(key), expected);
  }

  private FormatException wrong(String key, JsonNode value, String expected) {
    String shown = value.toString();
    return new FormatException(
        file,
        "%s is %s, expected %s."
            .formatted(
                key, shown.length() > 200 ? shown.substring(0, 200) + "..." : shown, expected),
        "Check how the adapter was saved.");
  }
}
