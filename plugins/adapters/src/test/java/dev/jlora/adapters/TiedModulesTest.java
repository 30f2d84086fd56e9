package dev.jlora.adapters;

import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.outputProjection;
import static dev.jlora.model.layers.Layers.tied;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterSummary;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Modules to save whose weight the model ties. The expected logits are computed with loops from the
 * formula head (W e + b) + c, each with the values that PEFT's rule gives it; that rule was tried
 * with PEFT 0.20 on GPT-2, Llama and masked language models.
 */
class TiedModulesTest {
  private static final AdapterContext CONTEXT =
      new AdapterContext("CAUSAL_LM", List.of(), 3, "tiny");
  private static final int ROWS = 5;
  private static final int WIDTH = 3;
  private static final long[] IDS = {4, 0, 2};

  @TempDir Path folder;
  private Scope scope;
  private Network network;

  @BeforeEach
  void open() {
    scope = Scope.open();
    network = network();
  }

  @AfterEach
  void close() {
    scope.close();
    network.close();
  }

  @Test
  void saved_embeddings_feed_the_input_and_the_head_keeps_the_base() {
    float[] base = value("model.words.weight");
    Adapter adapter = inject(spec("words"));
    assertThat(summary(spec("words")).notes())
        .containsExactly(
            "model.words.weight is trained and head.decoder.weight stays that of the base, as in"
                + " PEFT without ensure_weight_tying");
    assertThat(summary(spec("words")).trainable()).isEqualTo(ROWS * WIDTH + 2 * WIDTH * 2);
    move(adapter);
    assertThat(logits(network))
        .containsExactly(expected(value("model.words.weight"), base), near());
    assertThat(keys(adapter)).contains("model.words.weight").doesNotContain("head.decoder.weight");
    reloads(network, adapter);
  }

  @Test
  void a_saved_head_is_trained_as_a_weight_of_its_own() {
    float[] base = value("model.words.weight");
    for (String name : List.of("decoder", "head")) {
      try (Network other = network()) {
        Adapter adapter = adapt(other, spec(name).build());
        assertThat(summary(spec(name)).trainable())
            .as(name)
            .isEqualTo(ROWS * WIDTH + ROWS + 2 * WIDTH * 2);
        move(adapter);
        assertThat(value(other, "model.words.weight")).isEqualTo(base);
        assertThat(logits(other))
            .containsExactly(expected(other, base, value(other, "head.decoder.weight")), near());
        // all that a copy of the module holds in PEFT, which refuses a file without any of it
        assertThat(keys(adapter)).contains("head.decoder.weight", "head.decoder.bias");
        assertThat(keys(adapter).contains("head.bias")).isEqualTo(name.equals("head"));
        reloads(other, adapter);
      }
    }
  }

  @Test
  void with_both_saved_each_is_trained_alone() {
    Adapter adapter = inject(spec("words", "decoder"));
    move(adapter);
    assertThat(summary(spec("words", "decoder")).trainable())
        .isEqualTo(2 * ROWS * WIDTH + ROWS + 2 * WIDTH * 2);
    assertThat(keys(adapter)).contains("model.words.weight", "head.decoder.weight");
    reloads(network, adapter);
  }

  @Test
  void ensured_tying_trains_one_weight_and_stores_it_under_both_names() {
    for (String name : List.of("words", "decoder")) {
      try (Network other = network()) {
        Adapter adapter = adapt(other, spec(name).ensureWeightTying().build());
        move(adapter);
        float[] one = value(other, "model.words.weight");
        assertThat(logits(other)).containsExactly(expected(other, one, one), near());
        assertThat(keys(adapter)).contains("model.words.weight", "head.decoder.weight");
        ObjectNode json = Json.readObject(folder.resolve(PeftConfig.FILE));
        // PEFT ties what it knows by the name lm_head alone; others it reads as two equal copies
        assertThat(json.path("ensure_weight_tying").asBoolean()).isFalse();
        assertThat(json.path("modules_to_save").toString()).contains("words", "decoder");
        reloads(other, adapter);
      }
    }
  }

  @Test
  void adapted_embeddings_leave_the_output_layer_as_in_peft_even_when_merged() {
    float[] base = value("model.words.weight");
    LoraSpec.Builder spec = LoraSpec.builder().rank(2).targets("words").init(LoraInit.RANDOM);
    Adapter adapter = inject(spec);
    assertThat(summary(spec).notes())
        .containsExactly(
            "model.words gets an adapter and head.decoder.weight stays that of the base, as in"
                + " PEFT; merging unties them");
    assertThat(summary(spec).trainable()).isEqualTo(2 * ROWS + 2 * WIDTH);
    assertThat(keys(adapter))
        .containsExactly("model.words.lora_embedding_A", "model.words.lora_embedding_B");
    float[] adapted = logits(network);
    reloads(network, adapter);
    network.merge();
    float[] words = network.parameter("model.words.weight").value().toFloats();
    assertThat(words).isNotEqualTo(base);
    assertThat(network.untied()).isTrue();
    assertThat(network.parameter("head.decoder.weight").value().toFloats()).isEqualTo(base);
    assertThat(logits(network)).containsExactly(adapted, near());
    assertThat(adapted).containsExactly(expected(words, base), near());
    network.unmerge();
    assertThat(network.untied()).isFalse();
    assertThat(network.parameter("model.words.weight").value().toFloats()).isEqualTo(base);
    assertThat(logits(network)).isEqualTo(adapted);
  }

  @Test
  void adapted_embeddings_cannot_stay_tied() {
    assertThatThrownBy(() -> inject(LoraSpec.builder().targets("words").ensureWeightTying()))
        .hasMessage(
            "ensure_weight_tying: model.words gets an adapter, which head.decoder.weight cannot"
                + " share; leave ensure_weight_tying out, or train the embeddings in full"
                + " (modules_to_save)");
  }

  @Test
  void tying_that_means_nothing_is_said() {
    assertThat(summary(spec().ensureWeightTying()).notes())
        .containsExactly(
            "ensure_weight_tying has no effect: modules_to_save names no weight that this model"
                + " ties");
  }

  @Test
  void every_bias_is_stored_under_both_of_its_names() {
    Adapter adapter = inject(spec().bias(Bias.ALL));
    assertThat(keys(adapter)).contains("head.bias", "head.decoder.bias", "up.base_layer.bias");
    reloads(network, adapter);
  }

  @Test
  void weights_of_the_base_that_peft_stored_beside_the_adapter_take_their_place() {
    Adapter adapter = inject(spec());
    adapter.save(folder);
    float[] changed = value("model.words.weight");
    changed[3] += 1;
    Map<String, Tensor> tensors = tensors();
    tensors.put(
        AdapterKeys.PREFIX + "up.base_layer.weight", network.parameter("up.weight").value());
    tensors.put(AdapterKeys.PREFIX + "model.words.weight", Tensor.of(changed, ROWS, WIDTH));
    SafetensorsWriter.write(folder.resolve(AdapterKeys.FILE), tensors);
    try (Network other = network()) {
      Adapter loaded = load(other);
      assertThat(logits(other)).containsExactly(expected(other, changed, changed), near());
      assertThat(loaded.overrides()).doesNotContainKey("up.weight");
      assertThat(other.parameters()).noneMatch(Parameter::owned);
      assertThat(keys(loaded)).contains("model.words.weight").doesNotContain("up.weight");
    }
  }

  @Test
  void an_output_layer_that_is_tied_takes_no_adapter() {
    assertThatThrownBy(() -> inject(LoraSpec.builder().targets("up", "decoder")))
        .hasMessageContaining(
            "target_modules: 'decoder' is tied to model.words.weight and takes no adapter;"
                + " modules_to_save trains it in full");
  }

  private static LoraSpec.Builder spec(String... saved) {
    return LoraSpec.builder().rank(2).targets("up").modulesToSave(saved);
  }

  private Adapter inject(LoraSpec.Builder spec) {
    return adapt(network, spec.build());
  }

  private static Adapter adapt(Network network, LoraSpec spec) {
    return network.adapt(new LoraMethod().plan(network.plan(), spec, CONTEXT).create(network));
  }

  private Adapter load(Network network) {
    return network.adapt(new LoraMethod().saved(network.plan(), folder).read(network, folder));
  }

  private AdapterSummary summary(LoraSpec.Builder spec) {
    return new LoraMethod().plan(network.plan(), spec.build(), CONTEXT).summary();
  }

  /** Moves every trainable weight by something of its own, as a step of training would. */
  private static void move(Adapter adapter) {
    double by = 0.1;
    for (Parameter parameter : adapter.parameters()) {
      if (!parameter.name().contains("lora_B")) { // zero, so that the formula has no adapter
        InPlace.add(parameter.value(), Ops.addScalar(Ops.mul(parameter.value(), 0), 1), by);
        by += 0.1;
      }
    }
  }

  private void reloads(Network trained, Adapter adapter) {
    adapter.save(folder);
    try (Network again = network()) {
      Adapter loaded = load(again);
      assertThat(logits(again)).isEqualTo(logits(trained));
      assertThat(keys(loaded)).isEqualTo(keys(adapter));
    }
  }

  private List<String> keys(Adapter adapter) {
    adapter.save(folder);
    return tensors().keySet().stream()
        .map(key -> key.substring(AdapterKeys.PREFIX.length()))
        .toList();
  }

  private Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      file.entries().keySet().forEach(key -> tensors.put(key, Ops.clone(file.tensor(key))));
    }
    return tensors;
  }

  private static float[] logits(Network network) {
    return network
        .forward(Map.of("input_ids", Tensor.of(IDS, 1, IDS.length)), ForwardContext.inference())
        .logits()
        .toFloats();
  }

  private float[] expected(float[] words, float[] head) {
    return expected(network, words, head);
  }

  private static float[] expected(Network network, float[] words, float[] head) {
    float[] w = value(network, "up.weight");
    float[] b = value(network, "up.bias");
    float[] c = value(network, "head.bias");
    float[] logits = new float[IDS.length * ROWS];
    for (int t = 0; t < IDS.length; t++) {
      for (int row = 0; row < ROWS; row++) {
        double sum = c[row];
        for (int i = 0; i < WIDTH; i++) {
          double hidden = b[i];
          for (int j = 0; j < WIDTH; j++) {
            hidden += w[i * WIDTH + j] * words[(int) IDS[t] * WIDTH + j];
          }
          sum += hidden * head[row * WIDTH + i];
        }
        logits[t * ROWS + row] = (float) sum;
      }
    }
    return logits;
  }

  private float[] value(String name) {
    return value(network, name);
  }

  /** The value in use: what an adapter trained, else the base's. */
  private static float[] value(Network network, String name) {
    for (Adapter adapter : network.adapters().values()) {
      if (adapter.overrides().containsKey(name)) {
        return adapter.overrides().get(name).value().toFloats();
      }
    }
    return network.parameter(name).value().toFloats();
  }

  private static Offset<Float> near() {
    return within(1e-5f);
  }

  private static Network network() {
    return Network.of(architecture(), new RandomWeights(11), DType.FLOAT32);
  }

  private static Architecture architecture() {
    return Architecture.named("TinyForMaskedLM")
        .inputs("input_ids")
        .heads("head")
        .tied(Map.of("head.decoder.weight", "model.words.weight", "head.decoder.bias", "head.bias"))
        .outputEmbedding("head.decoder")
        .root(
            named("model.words", lookup("input_ids", embedding(ROWS, WIDTH, Init.normal(0.5)))),
            named("up", linear(WIDTH, WIDTH, Init.normal(0.5))),
            named("head", outputProjection("logits", tied("model.words.weight", WIDTH, ROWS))));
  }
}
