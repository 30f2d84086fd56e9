package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.host.Plugins;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spi.ModelFamily;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the families' trees declare agrees with the names that transformers' Trainer spares. */
class WeightDecayTest {
  /** {@code get_decay_parameter_names} of transformers 5.12, beside all of {@code nn.LayerNorm}. */
  private static final Pattern SPARED =
      Pattern.compile("bias|layernorm|rmsnorm|(?:^|\\.)norm(?:$|\\.)|_norm(?:$|\\.)");

  /** Instances of {@code nn.LayerNorm} whose names say nothing: GPT-2's and DistilBERT's. */
  private static final Pattern LAYER_NORMS = Pattern.compile("(?:^|\\.)ln_(?:1|2|f)\\.");

  @Test
  void transformers_spares_the_same_parameters_of_every_family() {
    int compared = 0;
    for (ModelFamily family : Plugins.load().families().all()) {
      for (ModelConfig config : family.presets().values()) {
        for (String architecture : family.architectures()) {
          ModelPlan plan = ModelPlan.of(family.declare(config, architecture));
          for (ParameterSpec parameter : plan.parameters().values()) {
            String name = parameter.name();
            boolean spared =
                SPARED.matcher(name.toLowerCase(Locale.ROOT)).find()
                    || LAYER_NORMS.matcher(name).find();
            assertThat(parameter.kind() != ParameterSpec.Kind.WEIGHT)
                .as(architecture + " " + name)
                .isEqualTo(spared);
            compared++;
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(5000);
  }
}
