package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * What an adapter does at one module. It holds parameters and no state, so any thread may run it.
 */
public interface AdapterLayer {

  /** The adapted output, in place of {@link Base#output}. */
  Tensor forward(Base base, Tensor x, ForwardContext context);

  /**
   * The weight with this layer in it, in the shape and precision of {@code weight} and in the
   * current scope. Pure: the network puts it in place and gives the loaded one back.
   */
  Tensor merged(Tensor weight);

  /** The layer's own parameters, in a fixed order; their names are full ones. */
  List<Parameter> parameters();

  /**
   * This layer with its change of the output multiplied by a factor, over the same parameters. A
   * method that scales anyway overrides it: the default computes the plain output beside the
   * adapted one.
   */
  default AdapterLayer weighted(double factor) {
    return factor == 1 ? this : new InterpolatedLayer(this, factor);
  }
}
