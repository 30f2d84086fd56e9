package dev.jlora.adapters;

import dev.jlora.io.Names;
import dev.jlora.model.ModelException;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.ModuleNames;
import dev.jlora.spec.LoraSpec;
import java.util.ArrayList;
import java.util.List;

/** The adapters of single parameters, PEFT's {@code target_parameters}. */
record LoraParameters(ModelPlan model, ModuleNames names, LoraSpec spec, LoraTargets pairs) {

  /**
   * The adapters in the order of the model.
   *
   * @throws ModelException naming a parameter that cannot have one, or a name without a parameter
   */
  List<AdapterTarget> targets() {
    List<AdapterTarget> targets = new ArrayList<>();
    for (ParameterSpec parameter : model.parameters().values()) {
      List<String> all = names.of(parameter.name());
      if (spec.targetParameters().stream().anyMatch(name -> isNamed(all, name))) {
        targets.add(target(parameter, all));
      }
    }
    for (String name : spec.targetParameters()) {
      if (model.parameters().keySet().stream().noneMatch(it -> isNamed(names.of(it), name))) {
        throw new ModelException(
            "target_parameters: '%s' names no parameter of %s; the nearest are %s"
                .formatted(
                    name,
                    model.architecture().name(),
                    Names.some(model.parameters().keySet(), name)));
      }
    }
    return targets;
  }

  private static boolean isNamed(List<String> all, String name) {
    return all.stream().anyMatch(it -> ModuleNames.isNamed(it, name));
  }

  private AdapterTarget target(ParameterSpec parameter, List<String> all) {
    int dot = parameter.name().lastIndexOf('.');
    TargetModule module = model.targets().get(parameter.name().substring(0, Math.max(0, dot)));
    boolean matrix = module != null && parameter.name().endsWith(".weight");
    if (!matrix || parameter.shape().size() != 2) {
      throw new ModelException(
          ("target_parameters: %s of the shape %s is not supported, expected the weight of a linear"
                  + " layer or of an embedding")
              .formatted(parameter.name(), parameter.shape()));
    }
    LoraTarget pair = pairs.pair(module, all);
    return pair.transposed() ? new LoraParameterTarget(pair) : pair;
  }
}
