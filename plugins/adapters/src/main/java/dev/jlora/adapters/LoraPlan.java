package dev.jlora.adapters;

import dev.jlora.model.Aliases;
import dev.jlora.model.ModelPlan;
import dev.jlora.model.ParameterSpec;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterPlan;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a LoRA spec means for one model, from names and shapes alone.
 *
 * @param targets the modules that get a pair, in the order of the model
 * @param savedModules the modules trained in full beside them
 * @param savedParameters the parameters of those modules
 * @param biases the other biases that are trained
 * @param naming what the adapter's files call the modules: the model's own names, or the other ones
 *     where the spec's targets are written in those
 */
record LoraPlan(
    ModelPlan model,
    LoraSpec spec,
    List<LoraTarget> targets,
    List<String> savedModules,
    List<String> savedParameters,
    List<String> biases,
    Aliases naming) {

  /**
   * Resolves a spec.
   *
   * @param taskType PEFT's task type ({@code SEQ_CLS}), or empty: decides which head is trained
   * @param defaults the targets where the spec names none
   */
  static LoraPlan of(ModelPlan model, LoraSpec spec, String taskType, List<String> defaults) {
    List<String> modules = new HeadRules(taskType).savedModules(model, spec.modulesToSave());
    TargetSelection selection = new TargetSelection(model, spec, taskType, defaults);
    List<LoraTarget> targets = selection.select(modules);
    Set<String> saved = new LinkedHashSet<>();
    modules.forEach(module -> saved.addAll(model.parametersOf(module)));
    return new LoraPlan(
        model,
        spec,
        targets,
        modules,
        List.copyOf(saved),
        biases(model, spec, targets, saved),
        selection.naming());
  }

  private static List<String> biases(
      ModelPlan model, LoraSpec spec, List<LoraTarget> targets, Set<String> saved) {
    List<String> biases = new ArrayList<>();
    if (spec.bias() == Bias.ALL) {
      model.parameters().keySet().stream()
          .filter(name -> name.contains("bias") && !saved.contains(name))
          .forEach(biases::add);
    } else if (spec.bias() == Bias.LORA_ONLY) {
      targets.stream()
          .filter(target -> target.module().bias())
          .forEach(target -> biases.add(target.path() + ".bias"));
    }
    return biases;
  }

  /** Elements that training updates. */
  long trainable() {
    return pairs() + elements(savedParameters) + elements(biases);
  }

  /** All elements as PEFT counts them: the model, the pairs, and the copies of saved modules. */
  long all() {
    return model.elements() + pairs() + elements(savedParameters);
  }

  /** The same in the words of every adapter method. */
  AdapterPlan summary() {
    return new AdapterPlan(
        targets.stream().map(LoraTarget::path).toList(), savedModules, trainable(), all());
  }

  private long pairs() {
    return targets.stream().mapToLong(LoraTarget::elements).sum();
  }

  private long elements(List<String> names) {
    return names.stream().map(model.parameters()::get).mapToLong(ParameterSpec::elements).sum();
  }
}
