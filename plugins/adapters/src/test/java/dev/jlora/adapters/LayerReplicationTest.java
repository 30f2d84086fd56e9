package dev.jlora.adapters;

import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.repeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.io.Checkpoint;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.spec.LayerRange;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
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

/** Stacks of repeated blocks, which share their weights and have adapters of their own. */
class LayerReplicationTest {
  private static final LoraMethod LORA = new LoraMethod();
  private static final AdapterContext CONTEXT = new AdapterContext("", List.of(), 3, "tiny");

  @TempDir Path folder;
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void blocks_are_those_of_the_ranges_with_the_base_s_weights() {
    LoraSpec spec = spec(new LayerRange(1, 3), new LayerRange(0, 2));
    try (Network base = network(tiny());
        Network network = network(LORA.model(tiny(), spec))) {
      assertThat(network.plan().elements()).isEqualTo(base.plan().elements());
      assertThat(network.plan().parameters().keySet())
          .containsExactlyInAnyOrderElementsOf(base.plan().parameters().keySet());
      assertThat(network.plan().targets().keySet()).contains("model.layer.3.dense");
      float[] x = base.parameter("model.words.weight").value().toFloats();
      float[] expected = {x[0], x[1]};
      for (int block : new int[] {1, 2, 0, 1}) {
        expected = dense(base, block, expected);
      }
      assertThat(logits(network)).containsExactly(expected, within(1e-6f));
      Map<String, Tensor> all =
          network.forward(batch(), ForwardContext.inference().withHiddenStates()).tensors();
      assertThat(all).containsKeys("hidden_states.4").doesNotContainKey("hidden_states.5");
    }
  }

  private static float[] dense(Network network, int block, float[] x) {
    float[] w = network.parameter("model.layer." + block + ".dense.weight").value().toFloats();
    float[] b = network.parameter("model.layer." + block + ".dense.bias").value().toFloats();
    return new float[] {w[0] * x[0] + w[1] * x[1] + b[0], w[2] * x[0] + w[3] * x[1] + b[1]};
  }

  @Test
  void every_copy_has_an_adapter_of_its_own_in_files_too() {
    LoraSpec spec = spec(new LayerRange(0, 2), new LayerRange(1, 2));
    float[] expected;
    try (Network network = network(LORA.model(tiny(), spec))) {
      Adapter adapter = network.adapt(LORA.plan(network.plan(), spec, CONTEXT).create(network));
      assertThat(adapter.layers().keySet())
          .containsExactly("model.layer.0.dense", "model.layer.1.dense", "model.layer.2.dense");
      expected = logits(network);
      adapter.save(folder);
      assertThat(adapter.parameters().stream().mapToLong(Parameter::elements).sum())
          .isEqualTo(LORA.plan(network.plan(), spec, CONTEXT).trainable());
      assertThatThrownBy(network::merge)
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "an adapter on repeated layers (layer_replication) cannot be merged, as these share"
                  + " their weights");
    }
    Architecture model = LORA.savedModel(tiny(), folder);
    try (Network again = network(model)) {
      again.adapt(LORA.saved(again.plan(), folder).read(again, folder));
      assertThat(logits(again)).isEqualTo(expected);
      assertThat(LORA.savedModel(model, folder)).isSameAs(model);
    }
    ModelPlan base = ModelPlan.of(tiny());
    assertThatThrownBy(() -> LORA.saved(base, folder))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("expected them repeated as [[0, 2], [1, 2]]");
  }

  @Test
  void a_checkpoint_s_blocks_that_no_range_has_are_not_read() {
    try (Network base = network(tiny())) {
      SafetensorsWriter.write(folder.resolve(Checkpoint.SINGLE), base.state());
      Architecture model = LORA.model(tiny(), spec(new LayerRange(2, 3)));
      var weights = CheckpointWeights.match(model, Checkpoint.open(folder), false, 0);
      assertThat(weights.report().unread()).contains("model.layer.0.dense.weight");
      try (Network network = Network.of(model, weights, DType.FLOAT32)) {
        float[] x = base.parameter("model.words.weight").value().toFloats();
        assertThat(logits(network))
            .containsExactly(dense(base, 2, new float[] {x[0], x[1]}), within(1e-6f));
      }
    }
  }

  @Test
  void what_does_not_fit_the_model_is_told() {
    assertThatThrownBy(() -> LORA.model(tiny(), spec(new LayerRange(1, 4))))
        .isInstanceOf(ModelException.class)
        .hasMessage(
            "layer_replication: got [1, 4], expected ranges within the 3 layers of model.layer");
    Architecture flat =
        Architecture.named("Flat")
            .inputs("values")
            .root(output("logits", named("one", linear(2, 2, Init.normal(1)))));
    assertThatThrownBy(() -> LORA.model(flat, spec(new LayerRange(0, 1))))
        .hasMessage("layer_replication: Flat has none, expected one stack of numbered layers");
    Architecture repeated = LORA.model(tiny(), spec(new LayerRange(0, 2)));
    assertThatThrownBy(() -> LORA.model(repeated, spec(new LayerRange(0, 1))))
        .hasMessage(
            "layer_replication: the layers of Tiny are [0, 1] of the base model, expected [0]");
    assertThat(LORA.model(tiny(), spec()).root()).isEqualTo(tiny().root());
  }

  private static LoraSpec spec(LayerRange... ranges) {
    return LoraSpec.builder()
        .rank(1)
        .targets("dense")
        .init(LoraInit.RANDOM)
        .replicateLayers(ranges)
        .build();
  }

  private static Architecture tiny() {
    return Architecture.named("Tiny")
        .inputs("input_ids")
        .basePrefix("model")
        .root(
            named("model.words", lookup("input_ids", embedding(4, 2, Init.normal(0.5)))),
            named("model.layer", repeat(3, _ -> named("dense", linear(2, 2, Init.normal(0.5))))),
            output("logits"));
  }

  private static Network network(Architecture architecture) {
    return Network.of(architecture, new RandomWeights(7), DType.FLOAT32);
  }

  private static Map<String, Tensor> batch() {
    return Map.of("input_ids", Tensor.of(new long[] {0}, 1, 1));
  }

  private static float[] logits(Network network) {
    return network.forward(batch(), ForwardContext.inference()).logits().toFloats();
  }
}
