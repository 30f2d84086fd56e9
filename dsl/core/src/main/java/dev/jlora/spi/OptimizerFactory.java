package dev.jlora.spi;

import dev.jlora.spec.OptimizerSpec;
import java.util.List;

/** Makes the {@link Optimizer} of one run. Plugins bind it by its name. */
@PartKind("optimizer")
public interface OptimizerFactory extends Parameterized {

  /** The name a job uses, such as {@code adamw}. */
  String name();

  /** Bytes of state for each trained parameter: what a plan counts before anything is loaded. */
  long stateBytesPerParameter(OptimizerSpec spec);

  /** An optimizer with fresh state; the caller closes it. */
  Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec);
}
