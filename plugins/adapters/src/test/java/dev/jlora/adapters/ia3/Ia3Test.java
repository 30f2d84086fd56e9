package dev.jlora.adapters.ia3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.adapters.TinyEncoder;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.peft.AdapterTarget;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which modules IA3 scales, on which side, and how that is written. */
class Ia3Test {
  private static final Ia3Method IA3 = new Ia3Method();

  @TempDir Path folder;

  @Test
  void feedforward_modules_scale_their_inputs_and_others_their_outputs() {
    TargetedPlan<Ia3Spec> plan =
        plan(Ia3Spec.builder().targets("query", "up", "down").feedforward("up").build(), "");
    assertThat(shape(plan, "tiny.layer.0.self.query")).containsExactly(8, 1);
    assertThat(shape(plan, "tiny.layer.0.up")).containsExactly(1, 8);
    assertThat(shape(plan, "tiny.layer.0.down")).containsExactly(8, 1);
    assertThat(plan.summary().trainable()).isEqualTo(2 * (8 + 8 + 8));
  }

  @Test
  void a_name_means_every_path_that_ends_with_it_as_in_peft() {
    Targets targets = Targets.regex(".*(up|down|dense)");
    TargetedPlan<Ia3Spec> plan =
        plan(Ia3Spec.builder().targets(targets).feedforward("own", "t.dense").build(), "");
    assertThat(shape(plan, "tiny.layer.1.down")).containsExactly(1, 16);
    assertThat(shape(plan, "tiny.layer.1.output.dense")).containsExactly(1, 8);
    assertThat(shape(plan, "tiny.layer.1.up")).containsExactly(16, 1);
  }

  @Test
  void a_convolution_has_a_factor_for_each_channel() {
    var patches =
        new TargetModule("patches", TargetModule.Kind.CONVOLUTION, 3, 8, true, false, 4, 4);
    assertThat(new Ia3Target(patches, false, true).parameters().getFirst().shape())
        .containsExactly(1, 8, 1, 1);
    assertThat(new Ia3Target(patches, true, true).parameters().getFirst().shape())
        .containsExactly(1, 3, 1, 1);
  }

  @Test
  void defaults_come_from_the_model_type() {
    Ia3Spec given = Ia3Spec.builder().targets("query", "output.dense").build();
    TargetedPlan<Ia3Spec> plan = plan(given, "bert");
    assertThat(plan.spec().feedforwardModules()).isEqualTo(Targets.names("output.dense"));
    assertThat(shape(plan, "tiny.layer.0.output.dense")).containsExactly(1, 8);
    assertThatThrownBy(() -> plan(given, "unheard"))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "feedforward_modules: none are given, and IA3 has no usual ones for the model type"
                + " 'unheard'; name the target modules whose input is scaled, or give an empty"
                + " list");
  }

  /** PEFT writes such a list, and refuses to read what it wrote. */
  @Test
  void usual_names_outside_the_targets_become_an_expression() {
    TargetedPlan<Ia3Spec> plan = plan(Ia3Spec.builder().targets("dense", "up").build(), "bert");
    assertThat(plan.spec().feedforwardModules()).isEqualTo(Targets.regex(".*(?:output\\.dense)"));
    assertThat(shape(plan, "tiny.layer.0.output.dense")).containsExactly(1, 8);
    assertThat(shape(plan, "tiny.layer.0.up")).containsExactly(16, 1);
    try (Network network = TinyEncoder.network(DType.FLOAT32);
        Adapter adapter = plan.create(network)) {
      adapter.save(folder);
    }
    Path file = folder.resolve(PeftConfig.FILE);
    ObjectNode json = Json.readObject(file);
    assertThat(json.path("feedforward_modules").asText()).isEqualTo(".*(?:output\\.dense)");
    json.putArray("feedforward_modules").add("output.dense");
    Json.write(file, json);
    assertThat(IA3.read(folder)).isEqualTo(plan.spec());
  }

  @Test
  void settings_that_contradict_each_other_are_named() {
    assertThatThrownBy(
            () -> Ia3Spec.builder().targets("query").feedforward("up").modulesToSave(" ").build())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining(
            "ia3.feedforward_modules: got [up], expected names that are in target_modules [query]")
        .hasMessageContaining("ia3.modules_to_save: got a blank name in [ ]");
    assertThatThrownBy(() -> Ia3Spec.builder().feedforward(Targets.allLinear()).build())
        .hasMessageContaining(
            "ia3.feedforward_modules: got all-linear, expected names or a regular expression");
    assertThatThrownBy(() -> Ia3Spec.builder().targets(new Targets.Names(List.of())).build())
        .hasMessageContaining("ia3.target_modules: got an empty list");
  }

  @Test
  void an_embedding_is_refused_by_name() {
    assertThatThrownBy(() -> plan(Ia3Spec.builder().targets("words").build(), "bert"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(
            "names tiny.words, which is an embedding; IA3 attaches to linear layers and"
                + " convolutions");
  }

  private static TargetedPlan<Ia3Spec> plan(Ia3Spec spec, String type) {
    ModelConfig config =
        ModelConfig.of("test", Json.mapper().createObjectNode().put("model_type", type));
    AdapterContext context =
        new AdapterContext("", List.of("query"), 1, "tiny", null, type.isEmpty() ? null : config);
    return IA3.plan(TinyEncoder.plan(), spec, context);
  }

  private static long[] shape(TargetedPlan<Ia3Spec> plan, String path) {
    AdapterTarget target =
        plan.targets().stream().filter(it -> it.path().equals(path)).findFirst().orElseThrow();
    return target.parameters().getFirst().shape();
  }
}
