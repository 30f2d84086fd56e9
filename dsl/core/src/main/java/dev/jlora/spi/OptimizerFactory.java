package dev.jlora.spi;

import dev.jlora.spec.OptimizerSpec;
import java.util.List;

/** Creates the {@link Optimizer} of a run. A plugin binds it by its name. */
@PartKind("optimizer")
public interface OptimizerFactory extends Parameterized {

  /** The name in jobs, such as {@code adamw}. */
  String name();

  /** Bytes of state per trainable parameter, for the estimate of a plan. */
  long stateBytesPerParameter(OptimizerSpec spec);

  /** An optimizer with new state; the caller closes it. */
  Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec);
}
