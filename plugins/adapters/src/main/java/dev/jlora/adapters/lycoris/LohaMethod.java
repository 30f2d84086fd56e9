package dev.jlora.adapters.lycoris;

import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;

/**
 * LoHa (low-rank Hadamard product; Hyeon-Woo et al., arXiv 2108.06098, and LyCORIS, arXiv
 * 2309.14859), with PEFT's options, defaults and files.
 */
public final class LohaMethod implements TargetedMethod<LohaSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("LoHa", "LOHA", Kind.LINEAR, Kind.CONVOLUTION)
          .parameter(LohaTarget.W1_A)
          .parameter(LohaTarget.W1_B, 0)
          .parameter(LohaTarget.W2_A)
          .parameter(LohaTarget.W2_B, 0)
          .parameter(LohaTarget.T1)
          .parameter(LohaTarget.T2)
          .config(
              """
              {
                "alpha": 8, "alpha_pattern": {}, "exclude_modules": null, "init_weights": true,
                "layers_pattern": null, "layers_to_transform": null, "module_dropout": 0.0,
                "modules_to_save": null, "r": 8, "rank_dropout": 0.0, "rank_pattern": {},
                "target_modules": null, "use_effective_conv2d": false
              }
              """);

  @Override
  public String name() {
    return LohaSpec.METHOD;
  }

  @Override
  public Class<LohaSpec> specType() {
    return LohaSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public AdapterTargets targets(LohaSpec spec) {
    return new LycorisTargets(
        spec, (module, rank, alpha) -> new LohaTarget(module, rank, alpha, spec));
  }

  @Override
  public LohaSpec spec(PeftConfig config) {
    return new LohaSpec(
        config.integer("r"),
        config.number("alpha"),
        config.number("rank_dropout"),
        config.number("module_dropout"),
        config.flag("use_effective_conv2d"),
        config.targetModules(),
        config.excludeModules(),
        config.flag("init_weights"),
        config.layersToTransform(),
        config.layersPattern(),
        config.integers("rank_pattern"),
        config.numbers("alpha_pattern"),
        config.modulesToSave());
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<LohaSpec> plan) {
    return LycorisTargets.write(config, plan).with("init_weights", plan.spec().initWeights());
  }
}
