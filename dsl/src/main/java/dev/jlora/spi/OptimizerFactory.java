package dev.jlora.spi;

import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the {@link Optimizer} of one run. Plugins bind it by its name. */
public interface OptimizerFactory {

  /** The name a job uses, such as {@code adamw}. */
  String label();

  /**
   * The parameters that this optimizer has beside those of {@link OptimizerSpec}: a record with a
   * static {@code defaults()}, which {@link OptimizerSpec#parametersAs} gives. Null for none.
   */
  default @Nullable Class<? extends Spec> parametersType() {
    return null;
  }

  /** Bytes of state for each trained parameter: what a plan counts before anything is loaded. */
  long stateBytesPerParameter(OptimizerSpec spec);

  /** An optimizer with fresh state; the caller closes it. */
  Optimizer create(List<Decayed> parameters, OptimizerSpec spec);
}
