package com.example.reviews;

import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Problems;
import dev.jlora.spec.Spec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import java.util.List;

/** {@code "optimizer": {"name": "lion", "memory": 0.98}} in a job. */
final class LionFactory implements OptimizerFactory {

  /**
   * Parameters of lion in addition to the keys of all optimizers.
   *
   * @param memory the share of the momentum that a step keeps; default 0.99
   */
  record Parameters(double memory) implements Spec {
    Parameters {
      Problems.in("optimizer")
          .unless(
              memory >= 0 && memory < 1,
              "memory: got %s, expected 0 or more and less than 1",
              memory)
          .throwIfAny();
    }

    static Parameters defaults() {
      return new Parameters(0.99);
    }
  }

  @Override
  public String name() {
    return "lion";
  }

  @Override
  public Class<? extends Spec> parametersType() {
    return Parameters.class;
  }

  @Override
  public long stateBytesPerParameter(OptimizerSpec spec) {
    return Float.BYTES;
  }

  @Override
  public Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec) {
    double memory = spec.parametersAs(Parameters.class).memory();
    return new Lion(parameters, spec.beta1(), memory);
  }
}
