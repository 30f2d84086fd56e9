package dev.jlora.adapters.fourierft;

import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import java.util.List;

/** FourierFT (Gao et al., arXiv 2405.03003), with PEFT's options, defaults and files. */
public final class FourierFtMethod implements TargetedMethod<FourierFtSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("FourierFT", "FOURIERFT", Kind.LINEAR)
          .parameter(FourierFtTarget.SPECTRUM)
          .config(
              """
              {
                "bias": "none", "exclude_modules": null, "fan_in_fan_out": false,
                "init_weights": false, "layers_pattern": null, "layers_to_transform": null,
                "modules_to_save": null, "n_frequency": 1000, "n_frequency_pattern": {},
                "random_loc_seed": 777, "scaling": 150.0, "target_modules": null
              }
              """);

  @Override
  public String name() {
    return FourierFtSpec.METHOD;
  }

  @Override
  public Class<FourierFtSpec> specType() {
    return FourierFtSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  /** PEFT's table, where it differs from LoRA's. */
  @Override
  public List<String> defaultTargets(String modelType) {
    return modelType.equals("gpt2") ? List.of("mlp.c_proj") : List.of();
  }

  @Override
  public AdapterTargets targets(FourierFtSpec spec) {
    return new FourierFtTargets(spec);
  }

  @Override
  public FourierFtSpec spec(PeftConfig config) {
    return new FourierFtSpec(
        config.integer("n_frequency"),
        config.number("scaling"),
        config.integer("random_loc_seed"),
        config.integers("n_frequency_pattern"),
        config.flag("init_weights"),
        config.flag("fan_in_fan_out"),
        config.targetModules(),
        config.excludeModules(),
        config.bias(),
        config.modulesToSave(),
        config.layersToTransform(),
        config.layersPattern());
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<FourierFtSpec> plan) {
    FourierFtSpec spec = plan.spec();
    return config
        .with("n_frequency", spec.nFrequency())
        .with("scaling", spec.scaling())
        .with("random_loc_seed", spec.randomLocSeed())
        .with(
            "n_frequency_pattern",
            plan.written(spec.nFrequencyPattern(), FourierFtMethod::frequencies, spec.nFrequency()))
        .with("init_weights", spec.initWeights())
        .with("fan_in_fan_out", plan.targets().getFirst().module().transposed());
  }

  private static int frequencies(AdapterTarget target) {
    return ((FourierFtTarget) target).locations().count();
  }
}
