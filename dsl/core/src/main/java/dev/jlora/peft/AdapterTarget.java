package dev.jlora.peft;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import java.util.List;

/** What a method puts on one module: its parameters, and the layer that computes with them. */
public interface AdapterTarget {

  /** The module. */
  TargetModule module();

  /** The parameters that the module gets, in the order in which they are trained. */
  List<OwnParameter> parameters();

  /**
   * Sets starting values that depend on the module's weight, such as DoRA's magnitudes; the others
   * are set already.
   *
   * @param weight of the base; not to be changed
   */
  default void start(OwnParameters parameters, FrozenWeight weight) {}

  /** The layer over these parameters. */
  AdapterLayer layer(OwnParameters parameters);

  /** The module's path in the model. */
  default String path() {
    return module().path();
  }

  /** The elements of its parameters. */
  default long elements() {
    return parameters().stream().mapToLong(OwnParameter::elements).sum();
  }
}
