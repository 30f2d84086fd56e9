package dev.jlora.adapters.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.adapters.TinyEncoder;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.ModelException;
import dev.jlora.model.TargetModule;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.peft.OwnParameter;
import dev.jlora.peft.PeftConfig;
import dev.jlora.peft.TargetedPlan;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.Targets;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where bottleneck adapters go, how wide they are, and that they are not merged. */
class BottleneckTest {
  private static final BottleneckMethod METHOD = new BottleneckMethod();

  @TempDir Path folder;
  private long live;
  private Scope scope;
  private Network network;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
    network = TinyEncoder.network(DType.FLOAT32);
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    network.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @Test
  void the_width_is_a_fraction_of_the_outputs_and_at_least_one() {
    var wide = new TargetModule("wide", TargetModule.Kind.LINEAR, 12, 40, true, false);
    assertThat(shapes(wide, BottleneckSpec.pfeiffer().build()))
        .isDeepEqualTo(new long[][] {{2, 40}, {2}, {40, 2}, {40}});
    assertThat(shapes(wide, BottleneckSpec.parallel().build()))
        .isDeepEqualTo(new long[][] {{20, 12}, {20}, {40, 20}, {40}});
    var narrow = new TargetModule("narrow", TargetModule.Kind.LINEAR, 4, 4, true, false);
    assertThat(shapes(narrow, BottleneckSpec.defaults())[0]).containsExactly(1, 4);
  }

  private static long[][] shapes(TargetModule module, BottleneckSpec spec) {
    return new BottleneckTarget(module, spec)
        .parameters().stream().map(OwnParameter::shape).toArray(long[][]::new);
  }

  @Test
  void default_targets_are_the_output_projections_of_the_blocks() {
    assertThat(plan(BottleneckSpec.houlsby().build(), "bert").spec().targetModules())
        .isEqualTo(Targets.names("output.dense"));
    assertThat(Projections.of("bert").targets(true, false))
        .isEqualTo(Targets.names("attention.output.dense"));
    assertThat(Projections.of("bert").targets(false, true))
        .isEqualTo(Targets.regex(".*\\.layer\\.[0-9]+\\.output\\.dense"));
    assertThat(Projections.of("gpt2").targets(true, true))
        .isEqualTo(Targets.names("attn.c_proj", "mlp.c_proj"));
    assertThat(Projections.of("llama").targets(false, true))
        .isEqualTo(Targets.names("mlp.down_proj"));
    assertThat(plan(BottleneckSpec.pfeiffer().build(), "bert").summary().targets())
        .containsExactly("tiny.layer.0.output.dense", "tiny.layer.1.output.dense");
    assertThatThrownBy(() -> plan(BottleneckSpec.defaults(), "unheard"))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "target_modules: none are given, and bottleneck adapters have no usual ones for the"
                + " model type 'unheard'; name the output projections of its blocks");
  }

  @Test
  void merging_is_refused() {
    network.adapt(plan(spec(), "").create(network));
    assertThat(network.mergeProblem())
        .hasValue(
            "tiny.layer.0.up cannot be merged: a bottleneck adapter has an activation, which no"
                + " weight can express");
    assertThatThrownBy(() -> network.merge())
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("an activation, which no weight can express");
  }

  @Test
  void the_weight_of_an_adapter_scales_what_it_adds() {
    network.attach("one", plan(spec(), "").create(network));
    BottleneckSpec twice = spec().toBuilder().scaling(2).build();
    network.attach("two", plan(twice, "").create(network));
    network.select(AdapterSelection.of(Map.of("one", 2.0)));
    float[] expected = logits();
    network.select(AdapterSelection.of("two"));
    assertThat(logits()).containsExactly(expected, within(1e-6f));
  }

  @Test
  void settings_out_of_range_are_named() {
    assertThatThrownBy(
            () ->
                BottleneckSpec.builder()
                    .feedforward(false)
                    .reduction(0)
                    .activation("rleu")
                    .scaling(0)
                    .dropout(1)
                    .build())
        .isInstanceOf(SpecException.class)
        .hasMessageContaining(
            "bottleneck.target_modules: got none while mh_adapter and output_adapter are off")
        .hasMessageContaining("bottleneck.reduction_factor: got 0.0, expected a number above 0")
        .hasMessageContaining("bottleneck.non_linearity: got 'rleu', expected one of [gelu,")
        .hasMessageContaining("bottleneck.scaling: got 0.0, expected a finite number other than 0")
        .hasMessageContaining("bottleneck.dropout: got 1.0, expected 0 or more");
    assertThatThrownBy(() -> BottleneckInit.of("xavier"))
        .hasMessage("got xavier, expected bert or mam_adapter");
  }

  @Test
  void an_unknown_initialization_in_a_file_is_named() {
    try (Adapter adapter = plan(spec(), "").create(network)) {
      adapter.save(folder);
    }
    assertThat(METHOD.read(folder)).isEqualTo(spec());
    ObjectNode json = Json.readObject(folder.resolve(PeftConfig.FILE));
    assertThat(json.path("reduction_factor").toString()).isEqualTo("4");
    Json.write(folder.resolve(PeftConfig.FILE), json.put("init_weights", "xavier"));
    assertThatThrownBy(() -> METHOD.read(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("init_weights: got xavier, expected bert or mam_adapter");
  }

  private static BottleneckSpec spec() {
    return BottleneckSpec.builder().targets("up").reduction(4).build();
  }

  private TargetedPlan<BottleneckSpec> plan(BottleneckSpec spec, String type) {
    ModelConfig config =
        ModelConfig.of("test", Json.mapper().createObjectNode().put("model_type", type));
    AdapterContext context =
        new AdapterContext("", List.of("query"), 1, "tiny", null, type.isEmpty() ? null : config);
    return METHOD.plan(network.plan(), spec, context);
  }

  private float[] logits() {
    Map<String, Tensor> batch = Map.of("input_ids", Tensor.of(new long[] {3, 4, 5, 6, 7, 8}, 2, 3));
    return network.forward(batch, ForwardContext.inference()).logits().toFloats();
  }
}
