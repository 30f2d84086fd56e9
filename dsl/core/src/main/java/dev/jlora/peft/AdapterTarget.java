package dev.jlora.peft;

import dev.jlora.model.FrozenWeight;
import dev.jlora.model.TargetModule;
import dev.jlora.model.runtime.AdapterLayer;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An adapter of one module: the parameters it adds, and the layer that computes with them. */
public interface AdapterTarget {

  /** The target module. */
  TargetModule module();

  /**
   * The parameters to add, in the order in which the optimizer gets them. A target without any has
   * no {@link #layer}.
   */
  default List<OwnParameter> parameters() {
    return List.of();
  }

  /**
   * The module's parameters that the adapter trains in place of the base's: from the name relative
   * to the module ({@code weight}) to the one in a file ({@code ln_tuning_layers.weight}).
   */
  default Map<String, String> overrides() {
    return Map.of();
  }

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

  /** Creates the layer that computes with these parameters; for targets that have some. */
  default AdapterLayer layer(OwnParameters parameters) {
    throw new IllegalStateException(path() + " has parameters, and no layer that uses them");
  }

  /**
   * The tensors of a file that hold these parameters; by default one for each, under its name. A
   * name that is not a parameter's must be declared in the method's {@link MethodTraits}, too.
   */
  default List<StoredTensor> stored(OwnParameters parameters) {
    return parameters.all().stream().map(StoredTensor::of).toList();
  }

  /**
   * Other modules at which the same layer runs, because they share the module's weight: an output
   * layer that is tied to embeddings.
   */
  default List<String> tied() {
    return List.of();
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
