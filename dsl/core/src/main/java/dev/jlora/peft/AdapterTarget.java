package dev.jlora.peft;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import java.util.List;

/** An adapter of one module: the parameters it adds, and the layer that computes with them. */
public interface AdapterTarget {

  /** The target module. */
  TargetModule module();

  /** The parameters to add, in the order in which the optimizer gets them. */
  List<OwnParameter> parameters();

  /**
   * Initializes parameters whose values depend on the module's weight, such as DoRA's magnitudes;
   * the others are initialized before.
   *
   * @param weight the base weight; must not be changed
   */
  default void start(OwnParameters parameters, FrozenWeight weight) {}

  /** Creates the layer that computes with these parameters. */
  AdapterLayer layer(OwnParameters parameters);

  /** The module's path in the model. */
  default String path() {
    return module().path();
  }

  /** Number of elements of its parameters. */
  default long elements() {
    return parameters().stream().mapToLong(OwnParameter::elements).sum();
  }
}
