package dev.jlora.adapters.bottleneck;

import dev.jlora.io.FormatException;
import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;

/**
 * Bottleneck adapters. Their files have PEFT's layout, with a {@code peft_type} that PEFT lacks;
 * settings and parameters are named as in the adapters library.
 */
public final class BottleneckMethod implements TargetedMethod<BottleneckSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("Bottleneck", "BOTTLENECK", Kind.LINEAR)
          .parameter(BottleneckTarget.DOWN, 0)
          .parameter(BottleneckTarget.DOWN_BIAS, 0)
          .parameter(BottleneckTarget.UP, 1)
          .parameter(BottleneckTarget.UP_BIAS)
          .config(
              """
              {
                "dropout": 0.0, "exclude_modules": null, "init_weights": "bert",
                "is_parallel": false, "layers_pattern": null, "layers_to_transform": null,
                "mh_adapter": false, "modules_to_save": null, "non_linearity": "relu",
                "output_adapter": true, "reduction_factor": 16, "scaling": 1.0,
                "target_modules": null
              }
              """);

  @Override
  public String name() {
    return BottleneckSpec.METHOD;
  }

  @Override
  public Class<BottleneckSpec> specType() {
    return BottleneckSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public BottleneckSpec resolved(BottleneckSpec spec, AdapterContext context) {
    if (spec.targetModules() != null) {
      return spec;
    }
    String type = context.config() == null ? "" : context.config().modelType();
    Projections usual = Projections.of(type);
    if (usual == null) {
      throw new ModelException(
          ("target_modules: none are given, and bottleneck adapters have no usual ones for the"
                  + " model type '%s'; name the output projections of its blocks")
              .formatted(type));
    }
    Targets targets = usual.targets(spec.mhAdapter(), spec.outputAdapter());
    return spec.toBuilder().targets(targets).build();
  }

  @Override
  public AdapterTargets targets(BottleneckSpec spec) {
    return (module, _) -> new BottleneckTarget(module, spec);
  }

  @Override
  public BottleneckSpec spec(PeftConfig config) {
    return new BottleneckSpec(
        config.flag("mh_adapter"),
        config.flag("output_adapter"),
        config.number("reduction_factor"),
        config.text("non_linearity"),
        config.flag("is_parallel"),
        config.number("scaling"),
        config.number("dropout"),
        init(config),
        config.targetModules(),
        config.excludeModules(),
        config.layersToTransform(),
        config.layersPattern(),
        config.modulesToSave());
  }

  private static BottleneckInit init(PeftConfig config) {
    try {
      return BottleneckInit.of(config.text("init_weights"));
    } catch (IllegalArgumentException e) {
      throw new FormatException(
          config.where(), "init_weights: " + e.getMessage(), "Check how the adapter was saved.", e);
    }
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<BottleneckSpec> plan) {
    BottleneckSpec spec = plan.spec();
    return config
        .with("mh_adapter", spec.mhAdapter())
        .with("output_adapter", spec.outputAdapter())
        .withAlpha("reduction_factor", spec.reductionFactor())
        .with("non_linearity", spec.nonLinearity())
        .with("is_parallel", spec.isParallel())
        .with("scaling", spec.scaling())
        .with("dropout", spec.dropout())
        .with("init_weights", spec.initWeights().json());
  }
}
