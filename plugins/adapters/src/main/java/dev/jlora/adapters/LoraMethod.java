package dev.jlora.adapters;

import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.LoraSpec;
import java.util.List;

/**
 * LoRA (low-rank adaptation; Hu et al., arXiv 2106.09685), with PEFT's options, defaults and files.
 */
public final class LoraMethod implements TargetedMethod<LoraSpec> {
  static final MethodTraits TRAITS =
      MethodTraits.of("LoRA", "LORA", Kind.LINEAR, Kind.EMBEDDING, Kind.CONVOLUTION)
          .parameter(LoraTarget.A, 0)
          .parameter(LoraTarget.B, 1)
          .parameter(LoraTarget.B_BIAS)
          .parameter(LoraTarget.EMBEDDING_A, 0)
          .parameter(LoraTarget.EMBEDDING_B, 1)
          .parameter(LoraTarget.MAGNITUDE)
          .config(LoraConfig.DEFAULTS)
          .refusing(LoraConfig.REFUSED);

  @Override
  public String name() {
    return LoraSpec.METHOD;
  }

  @Override
  public Class<LoraSpec> specType() {
    return LoraSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  /** PEFT's table for LoRA; empty for families that it lacks, such as ViT and DistilBERT. */
  @Override
  public List<String> defaultTargets(String modelType) {
    return switch (modelType) {
      case "bert", "roberta", "xlm-roberta" -> List.of("query", "value");
      case "gpt2" -> List.of("c_attn");
      case "llama", "mistral", "qwen2" -> List.of("q_proj", "v_proj");
      default -> List.of();
    };
  }

  @Override
  public AdapterTargets targets(LoraSpec spec) {
    return new LoraTargets(spec);
  }

  @Override
  public LoraSpec spec(PeftConfig config) {
    return LoraConfig.read(config);
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<LoraSpec> plan) {
    LoraSpec spec = plan.spec();
    return LoraConfig.write(
        config,
        spec.toBuilder()
            .rankPattern(plan.written(spec.rankPattern(), target -> of(target).rank(), spec.rank()))
            .alphaPattern(
                plan.written(spec.alphaPattern(), target -> of(target).alpha(), spec.alpha()))
            .fanInFanOut(plan.targets().stream().anyMatch(target -> target.module().transposed()))
            .build());
  }

  private static LoraTarget of(AdapterTarget target) {
    return (LoraTarget) target;
  }
}
