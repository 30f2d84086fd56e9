package dev.jlora.adapters.bitfit;

import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import java.util.List;

/**
 * BitFit (Ben Zaken et al., arXiv 2106.10199). Its files have PEFT's layout, with a {@code
 * peft_type} that PEFT lacks: a bias has the key that LoRA with {@code bias: all} gives it.
 */
public final class BitfitMethod implements TargetedMethod<BitfitSpec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("BitFit", "BITFIT", Kind.LINEAR, Kind.CONVOLUTION, Kind.NORM)
          .config(
              """
              {
                "exclude_modules": null, "layers_pattern": null, "layers_to_transform": null,
                "modules_to_save": null, "target_modules": null
              }
              """);

  /** Modules whose biases are trained; without target modules, biases are chosen by name. */
  private record Biases(boolean untargeted) implements AdapterTargets {
    private record Target(TargetModule module) implements AdapterTarget {}

    @Override
    public AdapterTarget target(TargetModule module, List<String> names) {
      if (!module.bias()) {
        throw new ModelException(
            "target_modules: BitFit trains biases, and %s has none; exclude it, or name others"
                .formatted(module.path()));
      }
      return new Target(module);
    }
  }

  @Override
  public String name() {
    return BitfitSpec.METHOD;
  }

  @Override
  public Class<BitfitSpec> specType() {
    return BitfitSpec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public AdapterTargets targets(BitfitSpec spec) {
    return new Biases(spec.targetModules() == null);
  }

  @Override
  public BitfitSpec spec(PeftConfig config) {
    return new BitfitSpec(
        config.targetModules(),
        config.excludeModules(),
        config.layersToTransform(),
        config.layersPattern(),
        config.modulesToSave());
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<BitfitSpec> plan) {
    return config;
  }
}
