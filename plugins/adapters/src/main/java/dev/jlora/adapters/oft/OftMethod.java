package dev.jlora.adapters.oft;

import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterState;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.OwnParameters;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import java.util.Map;

/** OFT (Qiu et al., arXiv 2306.07280), with PEFT's options, defaults and files. */
public final class OftMethod implements TargetedMethod<OftSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("OFT", "OFT", Kind.LINEAR, Kind.CONVOLUTION, Kind.EMBEDDING)
          .parameter(OftTarget.ROTATION)
          .parameter(OftTarget.EMBEDDING_ROTATION)
          .config(
              """
              {
                "bias": "none", "block_share": false, "coft": false, "eps": 6e-05,
                "exclude_modules": null, "fan_in_fan_out": false, "init_weights": true,
                "layers_pattern": null, "layers_to_transform": null, "module_dropout": 0.0,
                "modules_to_save": null, "num_cayley_neumann_terms": 5, "oft_block_size": 32,
                "r": 0, "target_modules": null, "use_cayley_neumann": true
              }
              """);

  @Override
  public String name() {
    return OftSpec.METHOD;
  }

  @Override
  public Class<OftSpec> specType() {
    return OftSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public AdapterTargets targets(OftSpec spec) {
    return (module, _) -> OftTarget.of(module, spec);
  }

  @Override
  public AdapterState state(TargetedPlan<OftSpec> plan, Map<String, OwnParameters> own) {
    return plan.spec().coft()
        ? new ConstrainedTraining(
            plan.targets().stream()
                .map(target -> ((OftTarget) target).rotation(own.get(target.path())))
                .toList())
        : AdapterState.NONE;
  }

  @Override
  public OftSpec spec(PeftConfig config) {
    return new OftSpec(
        config.integer("r"),
        config.integer("oft_block_size"),
        config.number("module_dropout"),
        config.flag("coft"),
        config.number("eps"),
        config.flag("block_share"),
        config.flag("use_cayley_neumann"),
        config.integer("num_cayley_neumann_terms"),
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
  public PeftConfig config(PeftConfig config, TargetedPlan<OftSpec> plan) {
    OftSpec spec = plan.spec();
    return config
        .with("r", spec.rank())
        .with("oft_block_size", spec.oftBlockSize())
        .with("module_dropout", spec.moduleDropout())
        .with("coft", spec.coft())
        .with("eps", spec.eps())
        .with("block_share", spec.blockShare())
        .with("use_cayley_neumann", spec.useCayleyNeumann())
        .with("num_cayley_neumann_terms", spec.numCayleyNeumannTerms())
        .with("init_weights", spec.initWeights())
        .with("fan_in_fan_out", plan.targets().getFirst().module().transposed());
  }
}
