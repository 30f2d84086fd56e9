package dev.jlora.peft;

import dev.jlora.model.TargetModule;
import dev.jlora.model.tree.ModelPlan;
import java.util.List;

/** Applies a spec to the modules of a model; created once per plan. */
@FunctionalInterface
public interface AdapterTargets {

  /** Binds the targets to a model, for methods that need its other modules; by default this. */
  default AdapterTargets in(ModelPlan model) {
    return this;
  }

  /**
   * The adapter of one module.
   *
   * @param names all names of the module, for {@link PatternValues}
   * @throws dev.jlora.model.ModelException if the spec does not fit the module's sizes
   */
  AdapterTarget target(TargetModule module, List<String> names);

  /** Values that differ between modules, such as those of {@code rank_pattern}. */
  default List<PatternValues<?>> patterns() {
    return List.of();
  }

  /**
   * Whether the spec selects no modules: what it trains does not depend on {@code target_modules},
   * such as BitFit for all biases.
   */
  default boolean untargeted() {
    return false;
  }

  /**
   * Adapters of modules that the spec names apart from its targets, such as an embedding of which
   * it trains some rows.
   *
   * @param model with the modules
   * @param names of the modules
   * @throws dev.jlora.model.ModelException if the spec names none or does not fit it
   */
  default List<AdapterTarget> additional(ModelPlan model, ModuleNames names) {
    return List.of();
  }

  /** Parameters that all targets share, such as VeRA's matrices. */
  default List<OwnParameter> shared(List<TargetModule> targets) {
    return List.of();
  }
}
