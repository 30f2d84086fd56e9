package dev.jlora.spi;

import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.spec.OptimizerSpec;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Creates the {@link Optimizer} of a run. A plugin binds it by its name. */
@PartKind("optimizer")
public interface OptimizerFactory extends Parameterized {

  /** The name in jobs, such as {@code adamw}. */
  String name();

  /** Bytes of state per trainable parameter, for the estimate of a plan. */
  long stateBytesPerParameter(OptimizerSpec spec);

  /**
   * The parameters that this optimizer does not train although their adapter does, such as LoRA's A
   * for LoRA-FA. They are frozen before training, so that no gradient is computed for them.
   *
   * @param pairs the low-rank updates of the adapter
   */
  default Set<Parameter> frozen(Collection<LowRankPair> pairs) {
    return Set.of();
  }

  /** An optimizer with new state; the caller closes it. */
  Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec);
}
