package dev.jlora.adapters.adalora;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterState;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** AdaLoRA (Zhang et al., arXiv 2303.10512), with PEFT's options, defaults and files. */
public final class AdaLoraMethod implements TargetedMethod<AdaLoraSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("AdaLoRA", "ADALORA", Kind.LINEAR, Kind.CONVOLUTION)
          .parameter(AdaLoraTarget.A, 0)
          .parameter(AdaLoraTarget.B, 1)
          .parameter(AdaLoraTarget.E, 0)
          .config(
              """
              {
                "alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null,
                "beta1": 0.85, "beta2": 0.85, "bias": "none", "corda_config": null, "deltaT": 1,
                "ensure_weight_tying": false, "eva_config": null, "exclude_modules": null,
                "fan_in_fan_out": false, "init_lora_weights": true, "init_r": 12,
                "kasa_config": null, "layer_replication": null, "layers_pattern": null,
                "layers_to_transform": null, "loftq_config": {}, "lora_alpha": 8,
                "lora_bias": false, "lora_dropout": 0.0, "lora_ga_config": null,
                "megatron_config": null, "megatron_core": "megatron.core",
                "modules_to_save": null, "monteclora_config": null, "orth_reg_weight": 0.5,
                "qalora_group_size": 16, "r": 8, "rank_pattern": null, "target_modules": null,
                "target_parameters": null, "target_r": 8, "tfinal": 0, "tinit": 0,
                "total_step": null, "trainable_token_indices": null, "use_bdlora": null,
                "use_dora": false, "use_qalora": false, "use_rslora": false,
                "velora_config": null
              }
              """)
          .refusing(
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

  @Override
  public String name() {
    return AdaLoraSpec.METHOD;
  }

  @Override
  public Class<AdaLoraSpec> specType() {
    return AdaLoraSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  /** PEFT's table, where it differs from LoRA's. */
  @Override
  public List<String> defaultTargets(String modelType) {
    return modelType.equals("roberta") ? List.of("query", "key", "value", "dense") : List.of();
  }

  @Override
  public AdapterTargets targets(AdaLoraSpec spec) {
    RankPattern ranks = RankPattern.of(spec);
    return (module, names) -> new AdaLoraTarget(module, ranks.kept(names), spec);
  }

  @Override
  public AdapterState state(TargetedPlan<AdaLoraSpec> plan, Map<String, OwnParameters> own) {
    return new AdaLoraState(plan, own);
  }

  @Override
  public AdaLoraSpec spec(PeftConfig config) {
    JsonNode init = config.json("init_lora_weights");
    return new AdaLoraSpec(
        config.integer("init_r"),
        config.integer("target_r"),
        config.number("lora_alpha"),
        config.number("lora_dropout"),
        config.integer("tinit"),
        config.integer("tfinal"),
        config.integer("deltaT"),
        config.number("beta1"),
        config.number("beta2"),
        config.number("orth_reg_weight"),
        config.json("total_step").isNull() ? null : config.integer("total_step"),
        !init.isBoolean() || init.asBoolean(),
        rankPattern(config),
        config.flag("fan_in_fan_out"),
        config.flag("ensure_weight_tying"),
        config.targetModules(),
        config.excludeModules(),
        config.bias(),
        config.modulesToSave(),
        config.layersToTransform(),
        config.layersPattern());
  }

  private static Map<String, List<Boolean>> rankPattern(PeftConfig config) {
    JsonNode given = config.json("rank_pattern");
    Map<String, List<Boolean>> pattern = new LinkedHashMap<>();
    given
        .properties()
        .forEach(
            entry -> {
              List<Boolean> kept = new ArrayList<>();
              for (JsonNode value : entry.getValue()) {
                if (!value.isBoolean()) {
                  throw config.wrong("rank_pattern", "lists of true and false");
                }
                kept.add(value.asBoolean());
              }
              pattern.put(entry.getKey(), kept);
            });
    if (!given.isNull() && !given.isObject()) {
      throw config.wrong("rank_pattern", "an object from names to lists of true and false");
    }
    return pattern;
  }

  /** All keys but {@code rank_pattern} and {@code total_step}, which training determines. */
  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<AdaLoraSpec> plan) {
    AdaLoraSpec spec = plan.spec();
    return config
        .with("init_r", spec.initR())
        .with("target_r", spec.targetR())
        .with("lora_alpha", number(spec.alpha()))
        .with("lora_dropout", spec.dropout())
        .with("tinit", spec.tinit())
        .with("tfinal", spec.tfinal())
        .with("deltaT", spec.deltaT())
        .with("beta1", spec.beta1())
        .with("beta2", spec.beta2())
        .with("orth_reg_weight", spec.orthRegWeight())
        .with("init_lora_weights", spec.initLoraWeights())
        .with("fan_in_fan_out", plan.targets().getFirst().module().transposed());
  }

  /** PEFT writes a whole alpha as an integer. */
  private static Number number(double value) {
    return value == Math.rint(value) ? (Number) (long) value : (Number) value;
  }
}
