package dev.jlora.adapters.miss;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;

/** MiSS (Kang and Yin, arXiv 2409.15371), with PEFT's options, defaults and files. */
public final class MissMethod implements TargetedMethod<MissSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("MiSS", "MISS", Kind.LINEAR)
          .parameter(MissTarget.BLOCK, 0)
          .config(
              """
              {
                "bias": "none", "exclude_modules": null, "init_weights": true,
                "layers_pattern": null, "layers_to_transform": null, "mini_r": 1,
                "miss_dropout": 0.0, "modules_to_save": null, "r": 64, "target_modules": null
              }
              """);

  @Override
  public String name() {
    return MissSpec.METHOD;
  }

  @Override
  public Class<MissSpec> specType() {
    return MissSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public AdapterTargets targets(MissSpec spec) {
    return (module, _) -> MissTarget.of(module, spec);
  }

  @Override
  public MissSpec spec(PeftConfig config) {
    return new MissSpec(
        config.integer("r"),
        config.number("miss_dropout"),
        config.integer("mini_r"),
        init(config),
        config.targetModules(),
        config.excludeModules(),
        config.bias(),
        config.modulesToSave(),
        config.layersToTransform(),
        config.layersPattern());
  }

  private static MissInit init(PeftConfig config) {
    JsonNode value = config.json("init_weights");
    try {
      return MissInit.of(value.isBoolean() ? (Object) value.asBoolean() : value.asText());
    } catch (IllegalArgumentException e) {
      throw config.wrong("init_weights", "true, false, \"bat\" or \"mini\"");
    }
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<MissSpec> plan) {
    MissSpec spec = plan.spec();
    return config
        .with("r", spec.rank())
        .with("miss_dropout", spec.dropout())
        .with("mini_r", spec.miniR())
        .with("init_weights", spec.initWeights().json());
  }
}
