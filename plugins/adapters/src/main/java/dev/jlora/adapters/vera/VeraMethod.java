package dev.jlora.adapters.vera;

import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.Bias;

/**
 * VeRA (vector-based random matrix adaptation; Kopiczko et al., arXiv 2310.11454), with PEFT's
 * options, defaults and files.
 */
public final class VeraMethod implements TargetedMethod<VeraSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("VeRA", "VERA", Kind.LINEAR)
          .parameter(VeraTarget.LAMBDA_B)
          .parameter(VeraTarget.LAMBDA_D, 0)
          .sharing(VeraTargets.A, VeraTargets.B)
          .config(
              """
              {
                "bias": "none", "d_initial": 0.1, "fan_in_fan_out": false, "init_weights": true,
                "layers_pattern": null, "layers_to_transform": null, "modules_to_save": null,
                "projection_prng_key": 0, "r": 256, "save_projection": true,
                "target_modules": null, "vera_dropout": 0.0
              }
              """);

  @Override
  public String name() {
    return VeraSpec.METHOD;
  }

  @Override
  public Class<VeraSpec> specType() {
    return VeraSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public AdapterTargets targets(VeraSpec spec) {
    return new VeraTargets(spec);
  }

  @Override
  public VeraSpec spec(PeftConfig config) {
    return new VeraSpec(
        config.integer("r"),
        config.targetModules(),
        config.integer("projection_prng_key"),
        config.flag("save_projection"),
        config.number("vera_dropout"),
        config.number("d_initial"),
        config.flag("fan_in_fan_out"),
        config.bias(),
        config.modulesToSave(),
        config.flag("init_weights"),
        config.layersToTransform(),
        config.layersPattern());
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<VeraSpec> plan) {
    VeraSpec spec = plan.spec();
    return config
        .with("r", spec.rank())
        .with("bias", spec.bias() == Bias.LORA_ONLY ? "vera_only" : config.text("bias"))
        .with("projection_prng_key", spec.projectionPrngKey())
        .with("save_projection", spec.saveProjection())
        .with("vera_dropout", spec.dropout())
        .with("d_initial", spec.dInitial())
        .with("fan_in_fan_out", plan.targets().getFirst().module().transposed())
        .with("init_weights", spec.initWeights());
  }
}
