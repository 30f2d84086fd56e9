package dev.jlora.optimizers;

import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import java.util.List;

/** The optimizers of this plugin. */
public enum Optimizers implements OptimizerFactory {
  ADAMW("adamw") {
    @Override
    public long stateBytesPerParameter(OptimizerSpec spec) {
      return 2 * Float.BYTES;
    }

    @Override
    public Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec) {
      return new AdamOptimizer(parameters, spec, true);
    }
  },

  ADAMW_8BIT("adamw8bit") {
    @Override
    public long stateBytesPerParameter(OptimizerSpec spec) {
      return 2; // and twelve bytes for a block of 256
    }

    @Override
    public Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec) {
      return new AdamW8bit(parameters, spec);
    }
  },

  ADAM("adam") {
    @Override
    public long stateBytesPerParameter(OptimizerSpec spec) {
      return 2 * Float.BYTES;
    }

    @Override
    public Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec) {
      return new AdamOptimizer(parameters, spec, false);
    }
  },

  SGD("sgd") {
    @Override
    public long stateBytesPerParameter(OptimizerSpec spec) {
      return spec.momentum() == 0 ? 0 : Float.BYTES;
    }

    @Override
    public Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec) {
      return new SgdOptimizer(parameters, spec);
    }
  };

  private final String label;

  Optimizers(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
