package dev.jlora.adapters.norms;

import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import java.util.List;

/** LN tuning (Zhao et al., arXiv 2312.11420), with PEFT's options, defaults and files. */
public final class LnTuningMethod implements TargetedMethod<LnTuningSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of(
              "LN tuning", "LN_TUNING", Kind.NORM, Kind.LINEAR, Kind.EMBEDDING, Kind.CONVOLUTION)
          .parameter(LnTuningTarget.PREFIX + "weight")
          .parameter(LnTuningTarget.PREFIX + "bias")
          .config(
              """
              {"exclude_modules": null, "modules_to_save": null, "target_modules": null}
              """);

  @Override
  public String name() {
    return LnTuningSpec.METHOD;
  }

  @Override
  public Class<LnTuningSpec> specType() {
    return LnTuningSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  /**
   * PEFT's table; where it has no row, all norms: BERT and its relatives, ViT, and families that
   * came later.
   */
  @Override
  public List<String> defaultTargets(String modelType) {
    return switch (modelType) {
      case "bert", "roberta", "xlm-roberta", "deberta", "deberta-v2" -> List.of("LayerNorm");
      case "distilbert" -> List.of("LayerNorm", "sa_layer_norm", "output_layer_norm");
      case "vit" -> List.of("layernorm_before", "layernorm_after", "layernorm");
      case "gpt2" -> List.of("ln_1", "ln_2", "ln_f");
      case "gptj" -> List.of("ln_1", "ln_f");
      case "llama", "mistral", "mixtral", "gemma" ->
          List.of("input_layernorm", "post_attention_layernorm", "norm");
      case "gemma2", "gemma3_text" ->
          List.of(
              "input_layernorm",
              "post_attention_layernorm",
              "pre_feedforward_layernorm",
              "post_feedforward_layernorm",
              "norm");
      case "qwen2", "qwen3" -> List.of("post_attention_layernorm");
      case "bloom", "falcon" -> List.of("input_layernorm", "post_attention_layernorm", "ln_f");
      case "phi" -> List.of("input_layernorm", "final_layernorm");
      case "t5", "mt5" -> List.of("layer_norm", "final_layer_norm");
      case "bart" -> List.of("self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm");
      default -> List.of();
    };
  }

  @Override
  public AdapterTargets targets(LnTuningSpec spec) {
    return (module, _) -> new LnTuningTarget(module);
  }

  @Override
  public LnTuningSpec spec(PeftConfig config) {
    return new LnTuningSpec(
        config.targetModules(), config.excludeModules(), config.modulesToSave());
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<LnTuningSpec> plan) {
    return config;
  }
}
