package dev.jlora.adapters;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.Json;
import dev.jlora.peft.HeadRules;
import dev.jlora.spec.LoraSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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

  static PeftConfig read(Path folder) {
    return PeftConfigReader.read(folder.resolve(FILE), defaults());
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
    json.put("ensure_weight_tying", spec.ensureWeightTying());
    Map<String, JsonNode> sorted = new TreeMap<>();
    json.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    Json.write(folder.resolve(FILE), sorted);
  }

  /** Whether no key makes the adapter compute something else than LoRA does. */
  static boolean isPlain(JsonNode given) {
    return PeftConfigReader.unsupported(given, defaults()).isEmpty();
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
