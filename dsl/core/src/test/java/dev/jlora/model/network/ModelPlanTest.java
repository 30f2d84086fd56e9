package dev.jlora.model.network;

import static dev.jlora.model.layers.Layers.layerNorm;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.layers.Layers;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is known of a model before a weight is read. */
class ModelPlanTest {
  private static final ModelPlan PLAN = ModelPlan.of(FunnelEncoder.declare(2));

  @Test
  void parameters_have_the_names_and_shapes_of_a_checkpoint() {
    assertThat(PLAN.parameters().keySet())
        .startsWith("funnel.wte.weight", "funnel.wpe.weight", "funnel.block.0.ln_1.weight")
        .endsWith("funnel.LayerNorm.bias", "score.weight", "score.bias");
    assertThat(PLAN.parameters().get("funnel.block.1.up.weight").shape())
        .isEqualTo(List.of(8L, 32L));
    assertThat(PLAN.parameters().get("funnel.block.1.down.weight").shape())
        .isEqualTo(List.of(8L, 32L));
    assertThat(PLAN.parametersOf("score")).containsExactly("score.weight", "score.bias");
  }

  @Test
  void counts_and_bytes_are_those_of_the_parameters() {
    long block = 2 * 16 + (8 * 32 + 32) + (32 * 8 + 8) + 3 * (64 + 8);
    assertThat(PLAN.elements()).isEqualTo(30 * 8 + 6 * 8 + 2 * block + 16 + 18);
    assertThat(PLAN.bytes(DType.BFLOAT16)).isEqualTo(2 * PLAN.elements());
  }

  @Test
  void targets_are_what_adapters_can_attach_to() {
    assertThat(PLAN.targets().keySet())
        .contains("funnel.wte", "funnel.block.0.up", "funnel.block.1.q", "score")
        .doesNotContain("funnel", "funnel.block.0");
    assertThat(PLAN.targets().get("funnel.block.0.ln_1").kind()).isEqualTo(TargetModule.Kind.NORM);
    assertThat(PLAN.targets().get("funnel.block.0.up"))
        .isEqualTo(
            new TargetModule("funnel.block.0.up", TargetModule.Kind.LINEAR, 8, 32, true, true));
  }

  @Test
  void every_prefix_of_a_name_is_a_module() {
    assertThat(PLAN.modules()).contains("funnel", "funnel.block", "funnel.block.1");
  }

  @Test
  void the_tree_prints_one_named_layer_a_line() {
    assertThat(FunnelEncoder.declare(1).tree())
        .contains("wte: Embedding weight[30, 8]")
        .contains("up: Linear weight[8, 32] bias[32]")
        .contains("score: Output");
  }

  @Test
  void a_name_given_twice_is_refused() {
    Architecture twice =
        Architecture.named("Twice")
            .inputs("input_ids")
            .root(sequence(named("a", layerNorm(4, 1e-5)), named("a", layerNorm(4, 1e-5))));
    assertThatThrownBy(() -> ModelPlan.of(twice))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("Twice declares the parameter a.weight twice");
  }

  @Test
  void an_output_that_no_layer_gives_is_refused() {
    Architecture misspelt =
        Architecture.named("Misspelt")
            .inputs("input_ids")
            .outputs("last_hiden_state")
            .root(Layers.output("last_hidden_state", layerNorm(4, 1e-5)));
    assertThatThrownBy(() -> ModelPlan.of(misspelt))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "Misspelt names the output last_hiden_state, which no layer outputs;"
                + " the nearest are 'last_hidden_state'");
  }

  @Test
  void a_layer_that_makes_no_sense_is_refused_where_it_is_declared() {
    assertThatThrownBy(() -> Layers.activation("gelo"))
        .hasMessageContaining("activation: got 'gelo', expected one of 'gelu',");
    assertThatThrownBy(() -> Layers.dropout(1)).hasMessageContaining("dropout: got 1.0");
  }
}
