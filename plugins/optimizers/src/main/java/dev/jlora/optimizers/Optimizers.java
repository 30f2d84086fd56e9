package dev.jlora.optimizers;

import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.LowRankPair;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

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

  /** LoRA+: AdamW with a higher learning rate for LoRA's B. */
  public static final OptimizerFactory LORAPLUS =
      new Factory("loraplus", _ -> TWO_MOMENTS, LoraPlus::new) {
        @Override
        public Class<LoraPlusSpec> parametersType() {
          return LoraPlusSpec.class;
        }
      };

  /** LoRA-FA: LoRA's A stays frozen, the gradient of B is projected. */
  public static final OptimizerFactory LORAFA =
      new Factory("lorafa", _ -> TWO_MOMENTS, LoraFa::new) {
        @Override
        public Class<LoraFaSpec> parametersType() {
          return LoraFaSpec.class;
        }

        @Override
        public Set<Parameter> frozen(Collection<LowRankPair> pairs) {
          return pairs.stream().map(LowRankPair::down).collect(Collectors.toSet());
        }
      };

  private Optimizers() {}

  /** All optimizers of this plugin. */
  public static List<OptimizerFactory> all() {
    return List.of(ADAMW, ADAMW_8BIT, ADAM, SGD, LORAPLUS, LORAFA);
  }

  private static class Factory implements OptimizerFactory {
    private final String name;
    private final ToLongFunction<OptimizerSpec> state;
    private final BiFunction<List<ParameterGroup>, OptimizerSpec, Optimizer> make;

    Factory(
        String name,
        ToLongFunction<OptimizerSpec> state,
        BiFunction<List<ParameterGroup>, OptimizerSpec, Optimizer> make) {
      this.name = name;
      this.state = state;
      this.make = make;
    }

    @Override
    public String name() {
      return name;
    }

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
