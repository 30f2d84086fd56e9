package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;
import dev.jlora.tensor.Tensor;
import java.util.List;

/** What an adapter method puts on one {@link Adaptable}. */
public interface AdapterLayer {

  /** The adapted output, in place of {@link Adaptable#plain}. */
  Tensor forward(Adaptable base, Tensor input, ForwardContext pass);

  /** The adapter's own parameters, in a fixed order; their names are full ones. */
  List<Parameter> parameters();

  /**
   * Adds the adapter into a private copy of the base weight; {@link #forward} then costs nothing.
   */
  void merge(Adaptable base);

  /** Gives the base weight back exactly as it was loaded. */
  void unmerge(Adaptable base);
}
