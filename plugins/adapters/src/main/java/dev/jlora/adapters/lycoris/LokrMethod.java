package dev.jlora.adapters.lycoris;

import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;

/**
 * LoKr (low-rank Kronecker product; LyCORIS, arXiv 2309.14859), with PEFT's options, defaults and
 * files.
 */
public final class LokrMethod implements TargetedMethod<LokrSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("LoKr", "LOKR", Kind.LINEAR, Kind.CONVOLUTION)
          .parameter(LokrTarget.W1)
          .parameter(LokrTarget.W1_A, 1)
          .parameter(LokrTarget.W1_B, 0)
          .parameter(LokrTarget.W2)
          .parameter(LokrTarget.W2_A)
          .parameter(LokrTarget.W2_B, 0)
          .parameter(LokrTarget.T2)
          .config(
              """
              {
                "alpha": 8, "alpha_pattern": {}, "decompose_both": false, "decompose_factor": -1,
                "exclude_modules": null, "init_weights": true, "layers_pattern": null,
                "layers_to_transform": null, "module_dropout": 0.0, "modules_to_save": null,
                "r": 8, "rank_dropout": 0.0, "rank_dropout_scale": false, "rank_pattern": {},
                "target_modules": null, "use_effective_conv2d": false
              }
              """);

  @Override
  public String name() {
    return LokrSpec.METHOD;
  }

  @Override
  public Class<LokrSpec> specType() {
    return LokrSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public AdapterTargets targets(LokrSpec spec) {
    return new LycorisTargets(
        spec, (module, rank, alpha) -> new LokrTarget(module, rank, alpha, spec));
  }

  @Override
  public LokrSpec spec(PeftConfig config) {
    return new LokrSpec(
        config.integer("r"),
        config.number("alpha"),
        config.number("rank_dropout"),
        config.number("module_dropout"),
        config.flag("use_effective_conv2d"),
        config.flag("decompose_both"),
        config.integer("decompose_factor"),
        config.flag("rank_dropout_scale"),
        config.targetModules(),
        config.excludeModules(),
        init(config),
        config.layersToTransform(),
        config.layersPattern(),
        config.integers("rank_pattern"),
        config.numbers("alpha_pattern"),
        config.modulesToSave());
  }

  private static LokrInit init(PeftConfig config) {
    Object value = Json.mapper().convertValue(config.json("init_weights"), Object.class);
    try {
      return LokrInit.of(value);
    } catch (IllegalArgumentException e) {
      throw new FormatException(
          config.where(), "init_weights: " + e.getMessage(), "Check how the adapter was saved.", e);
    }
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<LokrSpec> plan) {
    LokrSpec spec = plan.spec();
    return LycorisTargets.write(config, plan)
        .with("decompose_both", spec.decomposeBoth())
        .with("decompose_factor", spec.decomposeFactor())
        .with("rank_dropout_scale", spec.rankDropoutScale())
        .with("init_weights", spec.initWeights().json());
  }
}
