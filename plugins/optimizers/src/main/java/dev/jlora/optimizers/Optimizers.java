package dev.jlora.optimizers;

import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;

/** The optimizers of this plugin. */
public final class Optimizers {
  private static final long TWO_MOMENTS = 2 * Float.BYTES;

  public static final OptimizerFactory ADAMW =
      new Factory(
          "adamw",
          _ -> TWO_MOMENTS,
          (parameters, spec) -> new AdamOptimizer(parameters, spec, /* decoupled= */ true));

  /** Two bytes of state for each parameter, and twelve for each block of 256. */
  public static final OptimizerFactory ADAMW_8BIT =
      new Factory("adamw8bit", _ -> 2, AdamW8bit::new);

  public static final OptimizerFactory ADAM =
      new Factory(
          "adam",
          _ -> TWO_MOMENTS,
          (parameters, spec) -> new AdamOptimizer(parameters, spec, /* decoupled= */ false));

  public static final OptimizerFactory SGD =
      new Factory("sgd", spec -> spec.momentum() == 0 ? 0 : Float.BYTES, SgdOptimizer::new);

  private Optimizers() {}

  /** All optimizers of this plugin. */
  public static List<OptimizerFactory> all() {
    return List.of(ADAMW, ADAMW_8BIT, ADAM, SGD);
  }

  private record Factory(
      String name,
      ToLongFunction<OptimizerSpec> state,
      BiFunction<List<ParameterGroup>, OptimizerSpec, Optimizer> make)
      implements OptimizerFactory {

    @Override
    public long stateBytesPerParameter(OptimizerSpec spec) {
      return state.applyAsLong(spec);
    }

    @Override
    public Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec) {
      return make.apply(parameters, spec);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
