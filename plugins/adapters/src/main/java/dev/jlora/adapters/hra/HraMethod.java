package dev.jlora.adapters.hra;

import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;

/** HRA (Yuan et al., arXiv 2405.17484), with PEFT's options, defaults and files. */
public final class HraMethod implements TargetedMethod<HraSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("HRA", "HRA", Kind.LINEAR, Kind.CONVOLUTION)
          .parameter(HraTarget.U, 1)
          .config(
              """
              {
                "apply_GS": false, "bias": "none", "exclude_modules": null, "init_weights": true,
                "layers_pattern": null, "layers_to_transform": null, "modules_to_save": null,
                "r": 8, "target_modules": null
              }
              """);

  @Override
  public String name() {
    return HraSpec.METHOD;
  }

  @Override
  public Class<HraSpec> specType() {
    return HraSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public AdapterTargets targets(HraSpec spec) {
    return (module, _) -> HraTarget.of(module, spec);
  }

  @Override
  public HraSpec spec(PeftConfig config) {
    return new HraSpec(
        config.integer("r"),
        config.flag("apply_GS"),
        config.flag("init_weights"),
        config.targetModules(),
        config.excludeModules(),
        config.bias(),
        config.modulesToSave(),
        config.layersToTransform(),
        config.layersPattern());
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<HraSpec> plan) {
    HraSpec spec = plan.spec();
    return config
        .with("r", spec.rank())
        .with("apply_GS", spec.applyGs())
        .with("init_weights", spec.initWeights());
  }
}
