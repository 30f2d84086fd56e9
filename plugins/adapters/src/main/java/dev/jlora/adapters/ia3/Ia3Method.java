package dev.jlora.adapters.ia3;

import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule.Kind;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.AdapterTargets;
import dev.jlora.peft.MethodTraits;
import dev.jlora.peft.ModuleMatcher;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** IA3 (Liu et al., arXiv 2205.05638), with PEFT's options, defaults and files. */
public final class Ia3Method implements TargetedMethod<Ia3Spec> {
  private static final MethodTraits TRAITS =
      MethodTraits.of("IA3", "IA3", Kind.LINEAR, Kind.CONVOLUTION)
          .parameter(Ia3Target.SCALE)
          .config(
              """
              {
                "exclude_modules": null, "fan_in_fan_out": false, "feedforward_modules": null,
                "init_ia3_weights": true, "modules_to_save": null, "target_modules": null
              }
              """);

  @Override
  public String name() {
    return Ia3Spec.METHOD;
  }

  @Override
  public Class<Ia3Spec> specType() {
    return Ia3Spec.class;
  }

  @Override
  public MethodTraits traits() {
    return TRAITS;
  }

  @Override
  public List<String> defaultTargets(String modelType) {
    return Ia3Defaults.targets(modelType);
  }

  @Override
  public Ia3Spec resolved(Ia3Spec spec, AdapterContext context) {
    if (spec.feedforwardModules() != null) {
      return spec;
    }
    String type = context.config() == null ? "" : context.config().modelType();
    List<String> usual = Ia3Defaults.feedforward(type);
    if (usual == null) {
      throw new ModelException(
          ("feedforward_modules: none are given, and IA3 has no usual ones for the model type '%s';"
                  + " name the target modules whose input is scaled, or give an empty list")
              .formatted(type));
    }
    return spec.toBuilder().feedforward(within(spec.targetModules(), usual)).build();
  }

  /**
   * Names of feedforward modules, or the expression that selects the same modules if the list of
   * targets lacks one: PEFT writes such names, and refuses to read them.
   */
  private static Targets within(@Nullable Targets targets, List<String> names) {
    boolean inside =
        !(targets instanceof Targets.Names outer)
            || new HashSet<>(outer.names()).containsAll(names);
    return inside
        ? new Targets.Names(names)
        : Targets.regex(
            names.stream()
                .map(name -> name.replace(".", "\\."))
                .collect(Collectors.joining("|", ".*(?:", ")")));
  }

  @Override
  public AdapterTargets targets(Ia3Spec spec) {
    Targets feedforward = spec.feedforwardModules();
    if (feedforward instanceof Targets.Names ends) {
      return (module, names) ->
          new Ia3Target(
              module,
              names.stream().anyMatch(path -> ends.names().stream().anyMatch(path::endsWith)),
              spec.initIa3Weights());
    }
    ModuleMatcher matcher = ModuleMatcher.of("feedforward_modules", feedforward);
    return (module, names) -> new Ia3Target(module, matcher.matches(names), spec.initIa3Weights());
  }

  @Override
  public Ia3Spec spec(PeftConfig config) {
    Targets targets = config.targetModules();
    Targets feedforward = config.targets("feedforward_modules");
    return new Ia3Spec(
        targets,
        config.excludeModules(),
        feedforward instanceof Targets.Names names ? within(targets, names.names()) : feedforward,
        config.flag("fan_in_fan_out"),
        config.modulesToSave(),
        config.flag("init_ia3_weights"));
  }

  @Override
  public PeftConfig config(PeftConfig config, TargetedPlan<Ia3Spec> plan) {
    Ia3Spec spec = plan.spec();
    return config
        .with(
            "feedforward_modules",
            plan.written(spec.feedforwardModules(), it -> feedforward(it)).json())
        .with("fan_in_fan_out", plan.targets().getFirst().module().transposed())
        .with("init_ia3_weights", spec.initIa3Weights());
  }

  private static boolean feedforward(AdapterTarget target) {
    return ((Ia3Target) target).feedforward();
  }
}
