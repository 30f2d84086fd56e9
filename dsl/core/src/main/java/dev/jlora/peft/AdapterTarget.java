package dev.jlora.peft;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /**
   * The weight that replaces the base's under this adapter, for methods that move a part of it to
   * their parameters, such as PiSSA. Computed when the adapter is created and again when its values
   * were read from a file.
   *
   * @param weight the base weight; must not be changed
   * @return in the shape and dtype of the weight, in the current scope; null for the base's own
   */
  default @Nullable Tensor residual(OwnParameters parameters, FrozenWeight weight) {
    return null;
  }

  /** Creates the layer that computes with these parameters. */
  AdapterLayer layer(OwnParameters parameters);

  /**
   * The tensors of a file that hold these parameters; by default one for each, under its name. A
   * name that is not a parameter's must be declared in the method's {@link MethodTraits}, too.
   */
  default List<StoredTensor> stored(OwnParameters parameters) {
    return parameters.all().stream().map(StoredTensor::of).toList();
  }

  /** The module's path in the model. */
  default String path() {
    return module().path();
  }

  /** Number of elements of its parameters. */
  default long elements() {
    return parameters().stream().mapToLong(OwnParameter::elements).sum();
  }
}
