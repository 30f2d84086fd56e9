package com.example.gated;

import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import java.util.List;

/** The adapter method: its name, its targets and the keys of its configuration. */
final class GatedScaleMethod implements TargetedMethod<GatedScaleSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("Gated scale", "GATED_SCALE", Kind.LINEAR)
          .parameter(GatedScaleTarget.SCALE)
          .parameter(GatedScaleTarget.A, 1)
          .parameter(GatedScaleTarget.B, 1)
          .config(
              """
              {"r": 4, "target_modules": null, "modules_to_save": null}
              """);

  @Override
  public String name() {
    return GatedScaleSpec.METHOD;
  }

  @Override
  public Class<GatedScaleSpec> specType() {
    return GatedScaleSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public List<String> defaultTargets(String modelType) {
    return switch (modelType) {
      case "bert", "roberta" -> List.of("value", "output.dense");
      case "llama", "mistral" -> List.of("v_proj", "down_proj");
      default -> List.of();
    };
  }

  @Override
  public AdapterTargets targets(GatedScaleSpec spec) {
    return (module, names) -> new GatedScaleTarget(module, spec.rank());
  }

  @Override
  public GatedScaleSpec spec(PeftConfig config) {
    return new GatedScaleSpec(config.integer("r"), config.targetModules(), config.modulesToSave());
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<GatedScaleSpec> plan) {
    return config.with("r", plan.spec().rank());
  }
}
