package dev.jlora.model.runtime;

import dev.jlora.model.LowRankUpdate;
import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An adapter's computation at one module. It holds parameters but no state, so any thread may run
 * it.
 */
public interface AdapterLayer {

  /** The adapted output, in place of {@link Base#output}. */
  Tensor forward(Base base, Tensor x, ForwardContext context);

  /**
   * The weight with this layer merged, in the shape and dtype of {@code weight}, in the current
   * scope. It does not modify {@code weight}: the network substitutes the result, and restores the
   * loaded weight on unmerge.
   */
  Tensor merged(Tensor weight);

  /**
   * The module's bias with this layer merged, like {@link #merged}. By default the bias itself; a
   * method that changes the output after the bias, such as IA3, overrides it.
   *
   * @param bias of [out]; modules without a bias have none to merge into
   */
  default Tensor mergedBias(Tensor bias) {
    return bias;
  }

  /** The reason why this layer cannot be merged into a module; empty if it can. */
  default Optional<String> mergeProblem(TargetModule module) {
    return Optional.empty();
  }

  /** The layer's own parameters with their full names, in a fixed order. */
  List<Parameter> parameters();

  /** The low-rank updates that the layer trains, for optimizers that treat their factors apart. */
  default List<LowRankPair> pairs() {
    return List.of();
  }

  /**
   * The update, if this layer computes exactly {@code base.output(x, update)}: batches whose rows
   * have different adapters then add it in place. Null for any other layer.
   */
  default @Nullable LowRankUpdate update() {
    return null;
  }

  /**
   * This layer with its change of the output multiplied by a factor, over the same parameters. The
   * default computes the base's output in addition to the adapted one; a method with a scale of its
   * own overrides it.
   */
  default AdapterLayer weighted(double factor) {
    return factor == 1 ? this : new InterpolatedLayer(this, factor);
  }
}
