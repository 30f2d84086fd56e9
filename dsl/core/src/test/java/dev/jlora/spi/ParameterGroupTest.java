package dev.jlora.spi;

import static dev.jlora.model.layers.Layers.layerNorm;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.rmsNorm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Weight decay goes by what a parameter is, whatever a family calls it. */
class ParameterGroupTest {
  private static final Architecture MODEL =
      Architecture.named("Oddly named")
          .inputs("x")
          .root(
              named("rescale", layerNorm(4, 1e-5)),
              named("norm.project", linear(4, 4)),
              named("rms", rmsNorm(4, 1e-5)));

  @Test
  void biases_and_norms_are_spared_under_any_name() {
    assertThat(decays(OptimizerSpec.of("adamw", 1e-3).withWeightDecay(0.1)))
        .containsExactly(
            Map.entry("rescale.weight", 0.0),
            Map.entry("rescale.bias", 0.0),
            Map.entry("norm.project.weight", 0.1),
            Map.entry("norm.project.bias", 0.0),
            Map.entry("rms.weight", 0.0));
  }

  @Test
  void all_are_decayed_where_the_job_says_so() {
    assertThat(
            decays(
                OptimizerSpec.of("adamw", 1e-3).withWeightDecay(0.1).withDecayOfBiasAndNorm(true)))
        .hasSize(5)
        .allSatisfy((name, decay) -> assertThat(decay).isEqualTo(0.1));
  }

  private static Map<String, Double> decays(OptimizerSpec spec) {
    Map<String, Double> decays = new LinkedHashMap<>();
    try (Network network = Network.of(MODEL, new RandomWeights(1), DType.FLOAT32)) {
      List<Parameter> all = List.copyOf(network.parameters());
      ParameterGroup.of(all, List.of(), spec)
          .forEach(group -> decays.put(group.parameter().name(), group.weightDecay()));
    }
    return decays;
  }
}
