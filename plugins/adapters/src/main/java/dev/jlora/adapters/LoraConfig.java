package dev.jlora.adapters;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.FormatException;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.LayerRange;
import dev.jlora.spec.LoftqSpec;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Targets;
import dev.jlora.spec.TokenIndices;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** LoRA's own keys in PEFT's {@code adapter_config.json}. */
final class LoraConfig {

  /** All keys that PEFT writes for LoRA, with their defaults. */
  static final String DEFAULTS =
      """
      {
        "alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null, "bias": "none",
        "corda_config": null, "ensure_weight_tying": false, "eva_config": null,
        "exclude_modules": null, "fan_in_fan_out": false, "init_lora_weights": true,
        "kasa_config": null, "layer_replication": null, "layers_pattern": null,
        "layers_to_transform": null, "loftq_config": {}, "lora_alpha": 8, "lora_bias": false,
        "lora_dropout": 0.0, "lora_ga_config": null, "megatron_config": null,
        "megatron_core": "megatron.core", "modules_to_save": null, "monteclora_config": null,
        "qalora_group_size": 16, "r": 8, "rank_pattern": {}, "target_modules": null,
        "target_parameters": null, "trainable_token_indices": null, "use_bdlora": null,
        "use_dora": false, "use_qalora": false, "use_rslora": false, "velora_config": null
      }
      """;

  /** Keys that change what the adapter computes in ways that are not supported. */
  static final String[] REFUSED = {
    "alora_invocation_tokens",
    "arrow_config",
    "kasa_config",
    "monteclora_config",
    "use_bdlora",
    "use_qalora",
    "velora_config"
  };

  private LoraConfig() {}

  static LoraSpec read(PeftConfig config) {
    return new LoraSpec(
        config.integer("r"),
        config.number("lora_alpha"),
        config.number("lora_dropout"),
        config.names("target_parameters").isEmpty()
            ? config.targetModules()
            : config.targets("target_modules"),
        config.excludeModules(),
        config.bias(),
        config.flag("use_rslora"),
        config.modulesToSave(),
        init(config),
        config.integers("rank_pattern"),
        config.numbers("alpha_pattern"),
        config.layersToTransform(),
        config.layersPattern(),
        config.flag("fan_in_fan_out"),
        config.flag("ensure_weight_tying"),
        config.flag("use_dora"),
        config.flag("lora_bias"),
        tokens(config),
        replication(config),
        config.names("target_parameters"),
        loftq(config),
        null,
        null,
        null,
        Map.of());
  }

  private static @Nullable TokenIndices tokens(PeftConfig config) {
    String key = "trainable_token_indices";
    return config.isNull(key)
        ? null
        : config.value(key, "a list of token ids, or an object of such lists", TokenIndices::of);
  }

  private static List<LayerRange> replication(PeftConfig config) {
    String key = "layer_replication";
    return config.isNull(key)
        ? List.of()
        : config.value(key, "a list of ranges, such as [[0, 2], [1, 2]]", LoraConfig::ranges);
  }

  private static List<LayerRange> ranges(Object json) {
    return ((List<?>) json).stream().map(LayerRange::of).toList();
  }

  private static LoraInit init(PeftConfig config) {
    LoraInit init =
        config.value(
            "init_lora_weights", "an initialization such as true or \"pissa\"", LoraInit::of);
    if (init.changesBase() && init.readsData()) {
      throw new FormatException(
          config.where(),
          "init_lora_weights is '%s', which changes the base weights by training data."
              .formatted(init.json()),
          "Save the adapter as plain LoRA (PEFT: path_initial_model_for_weight_conversion).");
    }
    if (init.iterations() > 0) {
      LoggerFactory.getLogger(LoraConfig.class)
          .warn(
              "{}: init_lora_weights is '{}', a random decomposition that cannot be repeated; an"
                  + " exact one takes its place, so that results differ slightly from those in"
                  + " training",
              config.where(),
              init.json());
    }
    return init;
  }

  private static @Nullable LoftqSpec loftq(PeftConfig config) {
    JsonNode settings = config.json("loftq_config");
    if (!settings.isObject() || settings.isEmpty()) {
      return null;
    }
    LoftqSpec usual = LoftqSpec.defaults();
    return config.value(
        "loftq_config",
        "an object with loftq_bits and loftq_iter",
        _ ->
            new LoftqSpec(
                settings.path("loftq_bits").asInt(usual.loftqBits()),
                settings.path("loftq_iter").asInt(usual.loftqIter())));
  }

  /** The spec of the file of an adapter that is stored with twice its rank. */
  static LoraSpec doubled(LoraSpec spec) {
    double factor = spec.useRslora() ? Math.sqrt(2) : 2;
    Map<String, Integer> ranks = new LinkedHashMap<>();
    spec.rankPattern().forEach((key, rank) -> ranks.put(key, 2 * rank));
    Map<String, Double> alphas = new LinkedHashMap<>();
    spec.alphaPattern().forEach((key, alpha) -> alphas.put(key, factor * alpha));
    return spec.toBuilder()
        .rank(2 * spec.rank())
        .alpha(factor * spec.alpha())
        .rankPattern(ranks)
        .alphaPattern(alphas)
        .init(LoraInit.DEFAULT)
        .loftq(null)
        .eva(null)
        .corda(null)
        .loraGa(null)
        .build();
  }

  /** A job's spec with the targets and ranks of a saved adapter. */
  static LoraSpec ranked(LoraSpec job, PeftConfig saved) {
    return job.toBuilder()
        .targets(saved.targetModules())
        .exclude((Targets) null)
        .layersIn(null)
        .layersPattern(null)
        .rankPattern(saved.integers("rank_pattern"))
        .alphaPattern(saved.numbers("alpha_pattern"))
        .build();
  }

  static PeftConfig write(PeftConfig config, LoraSpec spec) {
    PeftConfig written =
        config
            .with("r", spec.rank())
            .withAlpha("lora_alpha", spec.alpha())
            .with("lora_dropout", spec.dropout())
            .with("use_rslora", spec.useRslora())
            .with("init_lora_weights", spec.initLoraWeights().json())
            .with("rank_pattern", spec.rankPattern())
            .withAlphas("alpha_pattern", spec.alphaPattern())
            .with("fan_in_fan_out", spec.fanInFanOut())
            .with("use_dora", spec.useDora())
            .with("lora_bias", spec.loraBias())
            .with("trainable_token_indices", json(spec.trainableTokenIndices()))
            .with(
                "layer_replication",
                spec.layerReplication().isEmpty()
                    ? null
                    : spec.layerReplication().stream().map(LayerRange::json).toList())
            .with(
                "target_parameters",
                spec.targetParameters().isEmpty() ? null : spec.targetParameters());
    return withSettings(written, spec);
  }

  /** Adds the settings of initializations that a job has; those of a file are kept. */
  private static PeftConfig withSettings(PeftConfig config, LoraSpec spec) {
    PeftConfig written = config;
    if (spec.loftqConfig() != null) {
      written = written.with("loftq_config", spec.loftqConfig().toMap());
    }
    return spec.evaConfig() == null
        ? written
        : written.with("eva_config", spec.evaConfig().toMap());
  }

  private static @Nullable Object json(@Nullable TokenIndices tokens) {
    return tokens == null ? null : tokens.json();
  }

  /** The setting that makes an adapter's update more than scaling * B A, if any. */
  static Optional<String> combinationProblem(LoraSpec spec) {
    if (spec.useDora()) {
      return Optional.of("use_dora: DoRA normalizes the weight, so its updates do not add up");
    }
    if (spec.initLoraWeights().changesBase()) {
      return Optional.of(
          "init_lora_weights: %s moved a part of the base to the adapter; save it for the unchanged"
                  .formatted(spec.initLoraWeights().json())
              + " base first");
    }
    if (spec.loraBias()) {
      return Optional.of("lora_bias: B has a bias, which is no part of the weight's update");
    }
    if (spec.trainableTokenIndices() != null) {
      return Optional.of("trainable_token_indices: replaced rows of embeddings do not add up");
    }
    if (!spec.layerReplication().isEmpty()) {
      return Optional.of("layer_replication: the adapted model has other layers than its base");
    }
    return spec.targetParameters().isEmpty()
        ? Optional.empty()
        : Optional.of("target_parameters: only adapters of modules can be combined");
  }
}
