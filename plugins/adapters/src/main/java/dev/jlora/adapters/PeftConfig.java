package dev.jlora.adapters;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.Targets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * PEFT's {@code adapter_config.json} for LoRA, read and written key for key.
 *
 * @param spec what it says about LoRA
 * @param taskType PEFT's task type ({@code SEQ_CLS}), or empty
 * @param baseModel what the adapter was trained on
 */
record PeftConfig(LoraSpec spec, String taskType, String baseModel) {
  static final String FILE = "adapter_config.json";

  /** Every key that PEFT writes for LoRA, with the value that stands for its absence. */
  private static final String DEFAULTS =
      """
      {
        "alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null,
        "auto_mapping": null, "base_model_name_or_path": "", "bias": "none", "corda_config": null,
        "ensure_weight_tying": false, "eva_config": null, "exclude_modules": null,
        "fan_in_fan_out": false, "inference_mode": true, "init_lora_weights": true,
        "kasa_config": null, "layer_replication": null, "layers_pattern": null,
        "layers_to_transform": null, "loftq_config": {}, "lora_alpha": 8, "lora_bias": false,
        "lora_dropout": 0.0, "lora_ga_config": null, "megatron_config": null,
        "megatron_core": "megatron.core", "modules_to_save": null, "monteclora_config": null,
        "peft_type": "LORA", "peft_version": "0.20.0", "qalora_group_size": 16, "r": 8,
        "rank_pattern": {}, "revision": null, "target_modules": null, "target_parameters": null,
        "task_type": null, "trainable_token_indices": null, "use_bdlora": null, "use_dora": false,
        "use_qalora": false, "use_rslora": false, "velora_config": null
      }
      """;

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

  static PeftConfig read(Path folder) {
    Path file = folder.resolve(FILE);
    ObjectNode json = defaults();
    ObjectNode given = Json.readObject(file);
    refuseOther(file, given, json);
    warnAboutUnknown(file, given, json);
    json.setAll(given);
    try {
      return new PeftConfig(spec(file, json), text(json, "task_type"), baseModel(json));
    } catch (SpecException e) {
      throw new FormatException(
          file.toString(),
          "is not a LoRA config: " + e.getMessage(),
          "Check how the adapter was saved.",
          e);
    }
  }

  private static String baseModel(ObjectNode json) {
    return text(json, "base_model_name_or_path");
  }

  /** Writes it as PEFT does: keys sorted, two spaces. */
  void write(Path folder) {
    ObjectNode json = defaults();
    json.put("base_model_name_or_path", baseModel);
    json.put("task_type", taskType.isEmpty() ? null : taskType);
    json.put("r", spec.rank());
    set(json, "lora_alpha", number(spec.alpha()));
    json.put("lora_dropout", spec.dropout());
    set(json, "target_modules", spec.targetModules() == null ? null : spec.targetModules().json());
    set(
        json,
        "exclude_modules",
        spec.excludeModules() == null ? null : spec.excludeModules().json());
    json.put("bias", spec.bias().name().toLowerCase(Locale.ROOT));
    json.put("use_rslora", spec.useRslora());
    List<String> modules = new HeadRules(taskType).namesToSave(spec.modulesToSave());
    set(json, "modules_to_save", modules.isEmpty() ? null : modules);
    set(json, "init_lora_weights", spec.initLoraWeights().json());
    set(json, "rank_pattern", spec.rankPattern());
    Map<String, Number> alphas = new LinkedHashMap<>();
    spec.alphaPattern().forEach((key, alpha) -> alphas.put(key, number(alpha)));
    set(json, "alpha_pattern", alphas);
    set(json, "layers_to_transform", spec.layersToTransform());
    set(json, "layers_pattern", spec.layersPattern());
    json.put("fan_in_fan_out", spec.fanInFanOut());
    Map<String, JsonNode> sorted = new TreeMap<>();
    json.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    Json.write(folder.resolve(FILE), sorted);
  }

  private static LoraSpec spec(Path file, ObjectNode json) {
    return new LoraSpec(
        json.get("r").asInt(),
        json.get("lora_alpha").asDouble(),
        json.get("lora_dropout").asDouble(),
        targets(file, json, "target_modules"),
        targets(file, json, "exclude_modules"),
        bias(file, json),
        json.get("use_rslora").asBoolean(),
        modulesToSave(json),
        init(file, json),
        map(json.get("rank_pattern"), JsonNode::asInt),
        map(json.get("alpha_pattern"), JsonNode::asDouble),
        layers(json.get("layers_to_transform")),
        layersPattern(json.get("layers_pattern")),
        json.get("fan_in_fan_out").asBoolean());
  }

  /** The list without the heads that the task type adds by itself. */
  private static List<String> modulesToSave(ObjectNode json) {
    List<String> modules = texts(json.get("modules_to_save"));
    modules.removeAll(new HeadRules(text(json, "task_type")).heads());
    return modules;
  }

  /** Whether no key makes the adapter compute something else than LoRA does. */
  static boolean isPlain(JsonNode given) {
    ObjectNode defaults = defaults();
    return UNSUPPORTED.stream()
        .map(key -> Map.entry(given.path(key), defaults.get(key)))
        .allMatch(
            value ->
                value.getKey().isMissingNode()
                    || value.getKey().isNull()
                    || value.getKey().equals(value.getValue()));
  }

  private static void refuseOther(Path file, ObjectNode given, ObjectNode defaults) {
    String type = text(given, "peft_type");
    if (!type.equals("LORA")) {
      throw new FormatException(
          file,
          "peft_type is '%s', expected 'LORA'.".formatted(type),
          "Load an adapter that was trained with LoRA.");
    }
    for (String key : UNSUPPORTED) {
      JsonNode value = given.get(key);
      if (value != null && !value.isNull() && !value.equals(defaults.get(key))) {
        throw new FormatException(
            file,
            "%s is %s, which is not supported.".formatted(key, value),
            "Only plain LoRA adapters can be loaded; merge this one with the library that made"
                + " it.");
      }
    }
  }

  private static void warnAboutUnknown(Path file, ObjectNode given, ObjectNode defaults) {
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

  private static @Nullable Targets targets(Path file, ObjectNode json, String key) {
    JsonNode value = json.get(key);
    if (value.isNull()) {
      return null;
    }
    if (value.isArray()) {
      return new Targets.Names(texts(value));
    }
    if (value.isTextual()) {
      return Targets.of(value.asText());
    }
    throw new FormatException(
        file, "%s is %s.".formatted(key, value), "Expected a list of names or a text.");
  }

  private static Bias bias(Path file, ObjectNode json) {
    String text = text(json, "bias");
    return java.util.Arrays.stream(Bias.values())
        .filter(bias -> bias.name().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () ->
                new FormatException(
                    file, "bias is '%s'.".formatted(text), "Expected none, all or lora_only."));
  }

  private static LoraInit init(Path file, ObjectNode json) {
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

  private static @Nullable List<Integer> layers(JsonNode value) {
    if (value.isNull()) {
      return null;
    }
    List<Integer> layers = new ArrayList<>();
    if (value.isInt()) {
      layers.add(value.asInt());
    } else {
      value.forEach(layer -> layers.add(layer.asInt()));
    }
    return layers;
  }

  /** A list of patterns means any of them. */
  private static @Nullable String layersPattern(JsonNode value) {
    if (value.isNull() || value.isArray() && value.isEmpty()) {
      return null;
    }
    return value.isArray() ? String.join("|", texts(value)) : value.asText();
  }

  private static <T> Map<String, T> map(JsonNode value, Function<JsonNode, T> convert) {
    Map<String, T> map = new LinkedHashMap<>();
    value.properties().forEach(entry -> map.put(entry.getKey(), convert.apply(entry.getValue())));
    return map;
  }

  private static List<String> texts(JsonNode value) {
    List<String> texts = new ArrayList<>();
    value.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  private static String text(ObjectNode json, String key) {
    return json.hasNonNull(key) ? json.get(key).asText() : "";
  }

  /** PEFT writes whole alphas as integers. */
  private static Number number(double value) {
    return value == Math.rint(value) ? (Number) (long) value : (Number) value;
  }

  private static void set(ObjectNode json, String key, @Nullable Object value) {
    json.set(key, Json.mapper().valueToTree(value));
  }

  private static ObjectNode defaults() {
    return Json.object(DEFAULTS, "PEFT's defaults");
  }
}
