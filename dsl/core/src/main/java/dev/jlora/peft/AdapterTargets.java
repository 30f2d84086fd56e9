package dev.jlora.peft;

import dev.jlora.model.TargetModule;
import java.util.List;

/** What a spec puts on the modules of a model; made once for a plan. */
@FunctionalInterface
public interface AdapterTargets {

  /**
   * What one module gets.
   *
   * @param names all names of the module, for {@link PatternValues}
   * @throws dev.jlora.model.ModelException if the spec does not fit the module's sizes
   */
  AdapterTarget target(TargetModule module, List<String> names);

  /** The values that some modules have instead of the usual one. */
  default List<PatternValues<?>> patterns() {
    return List.of();
  }

  /** Parameters that all targets share, such as VeRA's matrices. */
  default List<OwnParameter> shared(List<TargetModule> targets) {
    return List.of();
  }
}
