package dev.jlora.adapters.prompt;

import static dev.jlora.model.layers.Layers.attention;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.firstToken;
import static dev.jlora.model.layers.Layers.heads;
import static dev.jlora.model.layers.Layers.lastToken;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.linearWithoutBias;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.lookupOrZero;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.positions;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.residual;
import static dev.jlora.model.layers.Layers.sum;
import static dev.jlora.model.layers.Layers.tokenPositions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.attention.AttentionHeads;
import dev.jlora.model.layers.Layers;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.SpecException;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters with virtual tokens on small models: what they compute, their files, their errors. */
class PromptAdapterTest {
  private static final int WIDTH = 4;
  private static final int VOCABULARY = 9;
  private static final int POSITIONS = 12;
  private static final long[] TEXT = {3, 1, 7, 8, 2, 5};
  private static final double STEP = 1e-5;

  @TempDir private Path folder;
  private final Random random = new Random(3);
  private Scope scope;
  private long live;

  @BeforeEach
  void open() {
    live = Tensor.live();
    scope = Scope.open();
  }

  @AfterEach
  void close_and_leave_nothing() {
    scope.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  /** Two layers, classified by the first token. */
  private static Architecture classifier() {
    return Architecture.named("TinyForSequenceClassification")
        .inputs("input_ids", "attention_mask", "token_type_ids", "position_ids")
        .heads("classifier")
        .maxPositions(POSITIONS)
        .root(
            named("tiny", embeddings()),
            named("tiny.layer", repeat(2, _ -> block(heads(2)))),
            firstToken(),
            named("classifier", output("logits", linear(WIDTH, 3, Init.normal(0.5)))));
  }

  /** A language model with two layers. */
  private static Architecture language(AttentionHeads heads) {
    return Architecture.named("TinyForCausalLM")
        .inputs("input_ids", "attention_mask", "token_type_ids", "position_ids")
        .maxPositions(POSITIONS)
        .root(
            named("tiny", embeddings()),
            named("tiny.layer", repeat(2, _ -> block(heads))),
            named("lm_head", output("logits", linear(WIDTH, VOCABULARY, Init.normal(0.5)))));
  }

  private static Layer embeddings() {
    return sum(
        lookup("input_ids", named("words", embedding(VOCABULARY, WIDTH, Init.normal(0.7)))),
        lookupOrZero("token_type_ids", named("types", embedding(2, WIDTH, Init.normal(0.7)))),
        positions(named("positions", embedding(POSITIONS, WIDTH, Init.normal(0.7)))));
  }

  private static Layer block(AttentionHeads heads) {
    long keys = WIDTH / heads.count() * heads.keyHeads();
    return residual(
        0,
        attention(
            named("query", linearWithoutBias(WIDTH, WIDTH, Init.normal(0.7))),
            named("key", linearWithoutBias(WIDTH, keys, Init.normal(0.7))),
            named("value", linearWithoutBias(WIDTH, keys, Init.normal(0.7))),
            heads));
  }

  private static Network network(Architecture architecture) {
    return Network.of(architecture, new RandomWeights(4), DType.FLOAT32);
  }

  private static ModelConfig config(int keyHeads) {
    return ModelConfig.of(
        "config.json",
        Json.object(
            """
            {"model_type": "tiny", "hidden_size": %d, "num_hidden_layers": 2,
             "num_attention_heads": 2, "num_key_value_heads": %d}
            """
                .formatted(WIDTH, keyHeads),
            "config.json"));
  }

  private static AdapterPlan plan(Network network, PromptSpec spec, String taskType, int keyHeads) {
    return method(spec.method())
        .planOf(
            network.plan(),
            spec,
            new AdapterContext(taskType, List.of(), 7, "base", null, config(keyHeads)));
  }

  private static AdapterMethod<?> method(String name) {
    return Stream.of(new PromptTuningMethod(), new PTuningMethod(), new PrefixTuningMethod())
        .filter(method -> method.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Specs of all kinds, with three virtual tokens. */
  static Stream<PromptSpec> specs() {
    return Stream.of(
        PromptTuningSpec.builder().virtualTokens(3).build(),
        PTuningSpec.builder().virtualTokens(3).encoderHiddenSize(5).build(),
        PTuningSpec.builder()
            .virtualTokens(3)
            .encoder(EncoderType.LSTM)
            .encoderHiddenSize(5)
            .build(),
        PrefixTuningSpec.builder().virtualTokens(3).build(),
        PrefixTuningSpec.builder().virtualTokens(3).projection().encoderHiddenSize(5).build());
  }

  private static Map<String, Tensor> batch(long[] ids, long... mask) {
    Map<String, Tensor> batch = new LinkedHashMap<>();
    batch.put("input_ids", Tensor.of(ids, 1, ids.length));
    if (mask.length > 0) {
      batch.put("attention_mask", Tensor.of(mask, 1, mask.length));
    }
    return batch;
  }

  private static float[] logits(Network network, Map<String, Tensor> batch) {
    return network.forward(batch, ForwardContext.inference()).logits().toFloats();
  }

  /** Virtual tokens with the embeddings of real ones are those tokens. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void virtual_tokens_act_as_the_tokens_whose_embeddings_they_have(boolean decoder) {
    long[] both = {6, 4, 3, 1, 7, 8, 2, 5};
    long[] mask = {1, 1, 1, 1, 1, 1, 0, 0};
    try (Network network = network(decoder ? language(heads(2).causal()) : classifier())) {
      float[] expected = logits(network, batch(both, mask));
      PromptTuningSpec spec = PromptTuningSpec.builder().virtualTokens(2).build();
      PromptAdapter adapter =
          (PromptAdapter) network.adapt(plan(network, spec, "", 2).create(network));
      adapter.startFrom(network.parameter("tiny.words.weight"), new long[] {6, 4});
      Map<String, Tensor> text = batch(TEXT, 1, 1, 1, 1, 0, 0);
      assertThat(logits(network, text)).containsExactly(expected, within(1e-6f));
      ForwardContext pass = ForwardContext.inference().withoutPadding();
      Outputs outputs = network.forward(text, pass);
      assertThat(outputs.virtualTokens()).isEqualTo(2);
      assertThat(pass.inputs().get("attention_mask").toLongs()).containsExactly(mask);
      if (!decoder) {
        assertThat(outputs.logits().toFloats()).containsExactly(expected, within(1e-6f));
      }
    }
  }

  /** Heads that read the last token find it before the padding; RoBERTa's positions count all. */
  @Test
  void the_last_token_and_counted_positions_follow_the_virtual_tokens() {
    Architecture architecture =
        Architecture.named("TinyForSequenceClassification")
            .inputs("input_ids", "attention_mask")
            .root(
                sum(
                    lookup(
                        "input_ids", named("words", embedding(VOCABULARY, WIDTH, Init.normal(1)))),
                    tokenPositions(
                        "input_ids", 0, named("places", embedding(20, WIDTH, Init.normal(1))))),
                named("layer", repeat(2, _ -> block(heads(2).causal()))),
                lastToken(0),
                named("score", output("logits", linear(WIDTH, 3, Init.normal(0.5)))));
    try (Network network = network(architecture)) {
      float[] expected =
          logits(network, batch(new long[] {6, 4, 3, 1, 7, 8, 0, 0}, 1, 1, 1, 1, 1, 1, 0, 0));
      PromptTuningSpec spec = PromptTuningSpec.builder().virtualTokens(2).build();
      PromptAdapter adapter =
          (PromptAdapter) network.adapt(plan(network, spec, "", 2).create(network));
      adapter.startFrom(network.parameter("words.weight"), new long[] {6, 4});
      Map<String, Tensor> text = batch(new long[] {3, 1, 7, 8, 0, 0}, 1, 1, 1, 1, 0, 0);
      assertThat(logits(network, text)).containsExactly(expected, within(1e-6f));
      network.select(AdapterSelection.none());
      network.detach("default");
      network.adapt(
          plan(network, PrefixTuningSpec.builder().virtualTokens(2).build(), "", 2)
              .create(network));
      assertThat(logits(network, text)) // the padding is not read
          .containsExactly(
              logits(network, batch(new long[] {3, 1, 7, 8}, 1, 1, 1, 1)), within(1e-6f));
    }
  }

  @Test
  void token_types_count_for_classification_and_not_for_language() {
    long[] types = {1, 0, 1, 1, 0, 1};
    for (String task : List.of("SEQ_CLS", "CAUSAL_LM", "FEATURE_EXTRACTION")) {
      try (Network network = network(classifier())) {
        PromptSpec spec = PromptTuningSpec.builder().virtualTokens(2).build();
        network.adapt(plan(network, spec, task, 2).create(network));
        Map<String, Tensor> batch = batch(TEXT);
        float[] without = logits(network, batch);
        batch.put("token_type_ids", Tensor.of(types, 1, types.length));
        ForwardContext pass = ForwardContext.inference();
        float[] with = network.forward(batch, pass).logits().toFloats();
        if (task.equals("SEQ_CLS")) {
          assertThat(with).isNotEqualTo(without);
          assertThat(pass.inputs().get("token_type_ids").toLongs())
              .containsExactly(0, 0, 1, 0, 1, 1, 0, 1);
        } else {
          assertThat(with).isEqualTo(without);
        }
      }
    }
  }

  @Test
  void labels_and_positions_of_answers_move_behind_the_virtual_tokens() {
    try (Network network = network(classifier())) {
      PromptSpec spec = PromptTuningSpec.builder().virtualTokens(2).build();
      network.adapt(plan(network, spec, "", 2).create(network));
      Map<String, Tensor> batch = batch(TEXT);
      batch.put("labels", Tensor.of(new long[] {1, 2, -100, 0, 1, 1}, 1, 6));
      batch.put("start_positions", Tensor.of(new long[] {3}, 1));
      batch.put("position_ids", Tensor.of(new long[] {0, 0, 0, 1, 2, 3}, 1, 6));
      Map<String, Tensor> moved = network.transformed(batch);
      assertThat(moved.get("labels").toLongs()).containsExactly(-100, -100, 1, 2, -100, 0, 1, 1);
      assertThat(moved.get("start_positions").toLongs()).containsExactly(5);
      assertThat(moved.get("position_ids").toLongs()).containsExactly(0, 1, 2, 2, 2, 3, 4, 5);
      batch.put("labels", Tensor.of(new long[] {1}, 1));
      assertThat(network.transformed(batch).get("labels").toLongs()).containsExactly(1);
    }
  }

  /** One layer of attention with a prefix, against loops over doubles. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_prefix_is_keys_and_values_before_those_of_the_text(boolean causal) {
    AttentionHeads heads = causal ? heads(2).keyHeads(1).causal() : heads(2).keyHeads(1);
    Architecture architecture =
        Architecture.named("Single")
            .inputs("input_ids", "attention_mask")
            .root(
                named("words", lookup("input_ids", embedding(VOCABULARY, WIDTH, Init.normal(1)))),
                output(
                    "y",
                    attention(
                        named("query", linearWithoutBias(WIDTH, WIDTH, Init.normal(0.7))),
                        named("key", linearWithoutBias(WIDTH, 2, Init.normal(0.7))),
                        named("value", linearWithoutBias(WIDTH, 2, Init.normal(0.7))),
                        heads)));
    try (Network network = network(architecture)) {
      PrefixTuningSpec spec =
          PrefixTuningSpec.builder()
              .virtualTokens(2)
              .tokenDim(2)
              .attentionHeads(1)
              .layers(1)
              .build();
      Adapter adapter =
          network.adapt(
              new PrefixTuningMethod()
                  .plan(network.plan(), spec, new AdapterContext("", List.of(), 7, ""))
                  .create(network));
      double[] y =
          network
              .forward(batch(new long[] {3, 1, 7}, 1, 1, 0), ForwardContext.inference())
              .get("y")
              .toDoubles();
      double[] expected = attended(network, adapter, new int[] {3, 1, 7}, causal);
      int known = 2 * WIDTH; // the third token is padding
      assertThat(Arrays.copyOf(y, known))
          .containsExactly(Arrays.copyOf(expected, known), within(1e-5));
    }
  }

  private static double[] attended(Network network, Adapter adapter, int[] ids, boolean causal) {
    double[] words = network.parameter("words.weight").value().toDoubles();
    double[] prefix = adapter.parameters().getFirst().value().toDoubles(); // [2][key 2, value 2]
    double[][] keys = new double[2 + ids.length][2];
    double[][] values = new double[2 + ids.length][2];
    double[][] queries = new double[ids.length][];
    for (int i = 0; i < 2; i++) {
      System.arraycopy(prefix, 4 * i, keys[i], 0, 2);
      System.arraycopy(prefix, 4 * i + 2, values[i], 0, 2);
    }
    for (int i = 0; i < ids.length; i++) {
      double[] x = Arrays.copyOfRange(words, ids[i] * WIDTH, (ids[i] + 1) * WIDTH);
      queries[i] = product(network, "query", x);
      keys[2 + i] = product(network, "key", x);
      values[2 + i] = product(network, "value", x);
    }
    double[] y = new double[ids.length * WIDTH];
    for (int i = 0; i < ids.length; i++) {
      int last = causal ? 2 + i : 3; // the padding is hidden
      for (int head = 0; head < 2; head++) {
        double sum = 0;
        double[] mixed = new double[2];
        for (int j = 0; j <= last; j++) {
          double score =
              Math.exp(
                  (queries[i][2 * head] * keys[j][0] + queries[i][2 * head + 1] * keys[j][1])
                      / Math.sqrt(2));
          sum += score;
          mixed[0] += score * values[j][0];
          mixed[1] += score * values[j][1];
        }
        y[i * WIDTH + 2 * head] = mixed[0] / sum;
        y[i * WIDTH + 2 * head + 1] = mixed[1] / sum;
      }
    }
    return y;
  }

  private static double[] product(Network network, String name, double[] x) {
    double[] w = network.parameter(name + ".weight").value().toDoubles();
    double[] y = new double[w.length / x.length];
    for (int i = 0; i < w.length; i++) {
      y[i / x.length] += w[i] * x[i % x.length];
    }
    return y;
  }

  /** A pass over all tokens and passes over a few each, with a cache, have equal logits. */
  @ParameterizedTest
  @MethodSource("specs")
  void a_cache_gives_the_logits_of_one_pass(PromptSpec spec) {
    try (Network network = network(language(heads(2).keyHeads(1).causal()))) {
      network.adapt(plan(network, spec, "CAUSAL_LM", 1).create(network));
      int first = spec.method().equals(PrefixTuningSpec.METHOD) ? 0 : 3;
      float[] whole = logits(network, batch(TEXT, 0, 0, 1, 1, 1, 1));
      float[] expected =
          Arrays.copyOfRange(whole, (first + 3) * VOCABULARY, (first + TEXT.length) * VOCABULARY);
      float[] found = new float[expected.length];
      try (KeyValueCache cache = new KeyValueCache(TEXT.length + 3)) {
        int done = 0;
        for (int end : new int[] {4, 5, 6}) {
          Map<String, Tensor> some =
              batch(
                  Arrays.copyOfRange(TEXT, done, end),
                  Arrays.copyOf(new long[] {0, 0, 1, 1, 1, 1}, end));
          Tensor logits =
              network.forward(some, ForwardContext.inference().withCache(cache)).lastLogits();
          System.arraycopy(logits.toFloats(), 0, found, (end - 4) * VOCABULARY, VOCABULARY);
          done = end;
          assertThat(cache.length()).isEqualTo(3 + end);
        }
      }
      assertThat(found).containsExactly(expected, within(1e-5f));
    }
  }

  @ParameterizedTest
  @MethodSource("specs")
  void gradients_agree_with_finite_differences(PromptSpec spec) {
    try (Network network =
        Network.of(language(heads(2).keyHeads(1).causal()), new RandomWeights(4), DType.FLOAT64)) {
      Adapter adapter = network.adapt(plan(network, spec, "CAUSAL_LM", 1).create(network));
      for (Parameter parameter : adapter.parameters()) {
        long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
        double[] values =
            random.doubles(parameter.elements()).map(_ -> 0.3 * random.nextGaussian()).toArray();
        parameter.swapIn(Tensor.of(values, shape));
      }
      Map<String, double[]> found = new HashMap<>();
      double[] weights;
      try (var _ = Scope.open();
          Tape tape = Tape.recording()) {
        ForwardContext pass = ForwardContext.training(tape, new RandomStream(1));
        Tensor y = network.forward(batch(TEXT), pass).logits();
        weights = random.doubles(y.elements()).map(_ -> random.nextGaussian()).toArray();
        try (Gradients gradients = tape.backward(y, Tensor.of(weights, y.shape()))) {
          for (Parameter parameter : adapter.parameters()) {
            found.put(parameter.name(), gradients.of(parameter.value()).toDoubles());
          }
        }
      }
      for (Parameter parameter : adapter.parameters()) {
        double[] expected = differences(network, parameter, weights);
        assertThat(expected).as(parameter.name()).isNotEqualTo(new double[expected.length]);
        assertThat(found.get(parameter.name()))
            .as(parameter.name())
            .containsExactly(expected, within(1e-6));
      }
    }
  }

  private static double[] differences(Network network, Parameter parameter, double[] weights) {
    double[] values = parameter.value().toDoubles();
    double[] expected = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      double kept = values[i];
      values[i] = kept + STEP;
      double above = weighted(network, parameter, values, weights);
      values[i] = kept - STEP;
      expected[i] = (above - weighted(network, parameter, values, weights)) / (2 * STEP);
      values[i] = kept;
    }
    parameter.value().copyFrom(Tensor.of(values, parameter.value().shape()));
    return expected;
  }

  private static double weighted(
      Network network, Parameter parameter, double[] values, double[] weights) {
    try (var _ = Scope.open()) {
      parameter.value().copyFrom(Tensor.of(values, parameter.value().shape()));
      double[] y = network.forward(batch(TEXT), ForwardContext.inference()).logits().toDoubles();
      double sum = 0;
      for (int i = 0; i < y.length; i++) {
        sum += y[i] * weights[i];
      }
      return sum;
    }
  }

  @ParameterizedTest
  @MethodSource("specs")
  void a_saved_adapter_gives_equal_logits_on_a_new_network(PromptSpec spec) throws IOException {
    float[] expected;
    AdapterPlan planned;
    try (Network network = network(classifier())) {
      planned = plan(network, spec, "SEQ_CLS", 2);
      Adapter adapter = network.adapt(planned.create(network));
      expected = logits(network, batch(TEXT));
      adapter.save(folder);
    }
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      assertThat(file.entries())
          .containsOnlyKeys(
              "base_model.classifier.bias", "base_model.classifier.weight", "prompt_embeddings");
    }
    try (Network other = network(classifier())) {
      AdapterPlan read = method(spec.method()).saved(other.plan(), folder);
      assertThat(read.summary().counts()).isEqualTo(planned.summary().counts());
      Adapter adapter = other.adapt(read.read(other, folder));
      assertThat(logits(other, batch(TEXT))).containsExactly(expected);
      Path again = folder.resolve("again");
      Files.createDirectories(again);
      adapter.save(again);
      assertThat(Json.readObject(again.resolve(PeftConfig.FILE)))
          .isEqualTo(Json.readObject(folder.resolve(PeftConfig.FILE)));
    }
  }

  @Test
  void configurations_are_pefts() {
    assertConfig(
        PromptTuningSpec.builder().virtualTokens(3).build(),
        2,
        """
        {"num_attention_heads": 2, "num_layers": 2, "num_transformer_submodules": 1,
         "num_virtual_tokens": 3, "peft_type": "PROMPT_TUNING", "prompt_tuning_init": "RANDOM",
         "prompt_tuning_init_text": null, "token_dim": 4, "tokenizer_kwargs": null,
         "tokenizer_name_or_path": null}
        """);
    assertConfig(
        PTuningSpec.builder().virtualTokens(3).encoderHiddenSize(24).build(),
        2,
        """
        {"encoder_dropout": 0.0, "encoder_hidden_size": 24, "encoder_num_layers": 2,
         "encoder_reparameterization_type": "MLP", "num_attention_heads": 2, "num_layers": 2,
         "num_transformer_submodules": 1, "num_virtual_tokens": 3, "peft_type": "P_TUNING",
         "token_dim": 4}
        """);
    assertConfig( // grouped-query attention: one key head of size 2
        PrefixTuningSpec.builder().virtualTokens(3).build(),
        1,
        """
        {"encoder_hidden_size": 2, "init_weights": null, "num_attention_heads": 1, "num_layers": 2,
         "num_transformer_submodules": 1, "num_virtual_tokens": 3, "peft_type": "PREFIX_TUNING",
         "prefix_projection": false, "token_dim": 2}
        """);
  }

  /** The whole file, whose other keys are those of all methods. */
  private void assertConfig(PromptSpec spec, int keyHeads, String own) {
    ObjectNode expected = Json.object(own, "expected");
    expected.setAll(
        Json.object(
            """
            {"auto_mapping": null, "base_model_name_or_path": "base", "inference_mode": true,
             "modules_to_save": null, "revision": null, "task_type": "CAUSAL_LM"}
            """,
            "expected"));
    try (Network network = network(language(heads(2).keyHeads(keyHeads).causal()))) {
      Adapter adapter = plan(network, spec, "CAUSAL_LM", keyHeads).create(network);
      adapter.save(folder);
      adapter.close();
    }
    ObjectNode written = Json.readObject(folder.resolve(PeftConfig.FILE));
    written.remove("peft_version");
    assertThat(new HashMap<>(fields(written))).isEqualTo(new HashMap<>(fields(expected)));
  }

  private static Map<String, JsonNode> fields(ObjectNode json) {
    Map<String, JsonNode> fields = new HashMap<>();
    json.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    return fields;
  }

  /** The encoder is state of the training, beside the file. */
  @Test
  void an_encoder_is_restored_from_a_checkpoint_and_its_tokens_from_a_file() {
    PTuningSpec spec = PTuningSpec.builder().virtualTokens(3).encoderHiddenSize(5).build();
    try (Network network = network(classifier())) {
      Adapter trained = network.adapt(plan(network, spec, "", 2).create(network));
      Adapter other =
          method(PTuningSpec.METHOD)
              .planOf(
                  network.plan(), spec, new AdapterContext("", List.of(), 8, "", null, config(2)))
              .create(network);
      network.attach("other", other);
      AdapterSelection selected = AdapterSelection.of("other");
      float[] expected = logits(network, batch(TEXT));
      assertThat(logits(network, selected)).isNotEqualTo(expected);
      trained.save(folder);
      other.restore(folder);
      assertThat(logits(network, selected)).containsExactly(expected);
      other.training().restore(trained.training().state());
      assertThat(logits(network, selected)).containsExactly(expected);
      assertThat(other.parameters().getLast().value().toFloats())
          .containsExactly(trained.parameters().getLast().value().toFloats());
      assertThatThrownBy(() -> other.training().restore(Map.of()))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "the checkpoint has no prompt_encoder.embedding.weight, which computes the virtual"
                  + " tokens; resume from another");
    }
  }

  private static float[] logits(Network network, AdapterSelection selection) {
    ForwardContext pass = ForwardContext.inference().withAdapters(selection);
    return network.forward(batch(TEXT), pass).logits().toFloats();
  }

  @Test
  void an_adapter_whose_file_lacks_the_encoder_is_not_trained_further() {
    try (Network network = network(classifier())) {
      for (PromptSpec spec : specs().toList()) {
        Adapter adapter = plan(network, spec, "", 2).create(network);
        adapter.save(folder);
        boolean table = adapter.training() == null;
        adapter.close();
        AdapterMethod<?> method = method(spec.method());
        if (table) {
          assertThat(method.read(folder)).hasFieldOrPropertyWithValue("numVirtualTokens", 3);
        } else {
          assertThatThrownBy(() -> method.read(folder))
              .isInstanceOf(FormatException.class)
              .hasMessageContaining("cannot be trained further")
              .hasMessageContaining("--resume");
        }
      }
    }
  }

  @Test
  void the_vocabulary_is_sampled_by_seed() {
    PromptTuningSpec spec =
        PromptTuningSpec.builder().virtualTokens(3).init(PromptInit.SAMPLE_VOCAB).build();
    try (Network network = network(classifier())) {
      Adapter adapter = plan(network, spec, "", 2).create(network);
      float[] table = network.parameter("tiny.words.weight").value().toFloats();
      float[] tokens = adapter.parameters().getFirst().value().toFloats();
      for (int i = 0; i < 3; i++) {
        float[] token = Arrays.copyOfRange(tokens, i * WIDTH, (i + 1) * WIDTH);
        assertThat(
                Stream.iterate(0, row -> row + WIDTH)
                    .limit(VOCABULARY)
                    .map(row -> Arrays.copyOfRange(table, row, row + WIDTH)))
            .contains(token);
      }
      adapter.close();
    }
  }

  @Test
  void zero_prefixes_start_with_values_of_zero() {
    try (Network network = network(language(heads(2).causal()))) {
      PromptSpec spec = PrefixTuningSpec.builder().virtualTokens(2).zero().build();
      Adapter adapter = plan(network, spec, "", 2).create(network);
      assertThat(adapter.parameters().getFirst().value().toFloats()).containsOnly(0f);
      adapter.close();
    }
  }

  @Test
  void settings_that_do_not_fit_are_refused_by_name() {
    try (Network network = network(classifier())) {
      assertPlan(
          network,
          PromptTuningSpec.builder().virtualTokens(POSITIONS).build(),
          config(2),
          "num_virtual_tokens: got 12, and TinyForSequenceClassification has positions for 12"
              + " tokens; expected fewer, which leave room for a text");
      assertPlan(
          network,
          PromptTuningSpec.builder().virtualTokens(2).tokenDim(5).build(),
          config(2),
          "token_dim: got 5, expected 4, the width of the model's embeddings (tiny.words.weight)");
      assertPlan(
          network,
          PromptTuningSpec.builder().virtualTokens(2).build(),
          null,
          "num_layers: got none, and the model's configuration has none of [num_hidden_layers,"
              + " num_layers, n_layer, n_layers]; set it");
      assertPlan(
          network,
          PrefixTuningSpec.builder()
              .virtualTokens(2)
              .tokenDim(5)
              .attentionHeads(2)
              .layers(2)
              .build(),
          null,
          "token_dim: got 5 for 2 heads, expected a multiple (heads times the size of a head)");
      assertPlan(
          network,
          PromptTuningSpec.builder().virtualTokens(2).modulesToSave("clasifier").build(),
          config(2),
          "modules_to_save: 'clasifier' names no module of TinyForSequenceClassification; the"
              + " nearest are ");
      PromptSpec layers =
          PrefixTuningSpec.builder()
              .virtualTokens(2)
              .tokenDim(4)
              .attentionHeads(2)
              .layers(3)
              .build();
      AdapterPlan planned =
          method(PrefixTuningSpec.METHOD)
              .planOf(network.plan(), layers, new AdapterContext("", List.of(), 7, ""));
      assertThatThrownBy(() -> planned.create(network))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "num_layers: got 3, expected 2, the attention layers of"
                  + " TinyForSequenceClassification");
      PromptSpec heads =
          PrefixTuningSpec.builder()
              .virtualTokens(2)
              .tokenDim(4)
              .attentionHeads(4)
              .layers(2)
              .build();
      network.adapt(
          method(PrefixTuningSpec.METHOD)
              .planOf(network.plan(), heads, new AdapterContext("", List.of(), 7, ""))
              .create(network));
      assertThatThrownBy(() -> logits(network, batch(TEXT)))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "prefix: got 4 heads of size 1, and the attention layer has 2 key heads of size 2:"
                  + " check num_attention_heads and token_dim (heads times size)");
    }
    try (Network network =
        network(
            Architecture.named("Pixels")
                .inputs("pixels")
                .root(named("layer", output("y", Layers.linear(2, 2)))))) {
      assertPlan(
          network,
          PromptTuningSpec.builder().virtualTokens(2).build(),
          config(2),
          "Pixels reads pixels, and has no table of word embeddings; expected a model that reads"
              + " input_ids");
    }
  }

  private static void assertPlan(
      Network network, PromptSpec spec, @Nullable ModelConfig config, String message) {
    AdapterContext context = new AdapterContext("", List.of(), 7, "", null, config);
    assertThatThrownBy(() -> method(spec.method()).planOf(network.plan(), spec, context))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void specs_name_what_is_wrong() {
    assertThatThrownBy(
            () -> new PTuningSpec(0, 0, 2, null, null, EncoderType.MLP, -1, 0, 1, List.of(" ")))
        .isInstanceOf(SpecException.class)
        .hasMessageContainingAll(
            "num_virtual_tokens: got 0, expected 1 or more (20 is a usual start)",
            "token_dim: got 0, expected 1 or more",
            "num_transformer_submodules: got 2, expected 1",
            "encoder_hidden_size: got -1, expected 1 or more",
            "encoder_num_layers: got 0, expected 1 to 64",
            "encoder_dropout: got 1.0, expected 0 or more and less than 1",
            "modules_to_save: got a blank name");
    assertThatThrownBy(() -> PromptTuningSpec.builder().init(PromptInit.TEXT).build())
        .hasMessageContaining(
            "prompt_tuning_init_text: got none, expected a text with prompt_tuning_init TEXT");
    assertThatThrownBy(
            () -> new PrefixTuningSpec(1, null, null, null, null, null, false, "one", List.of()))
        .hasMessageContaining("init_weights: got one, expected zero, or none for random values");
    assertThatThrownBy(() -> PromptInit.of("WORDS"))
        .hasMessage("got WORDS, expected one of [RANDOM, SAMPLE_VOCAB, TEXT]");
    assertThat(EncoderType.of("lstm")).isEqualTo(EncoderType.LSTM);
  }

  @Test
  void files_that_do_not_fit_are_refused_by_key() {
    try (Network network = network(classifier())) {
      PromptSpec three = PromptTuningSpec.builder().virtualTokens(3).build();
      Adapter adapter = plan(network, three, "", 2).create(network);
      adapter.save(folder);
      adapter.close();
      PromptSpec two = PromptTuningSpec.builder().virtualTokens(2).build();
      Adapter other = plan(network, two, "SEQ_CLS", 2).create(network);
      assertThatThrownBy(() -> other.restore(folder))
          .isInstanceOf(FormatException.class)
          .hasMessageContainingAll(
              "prompt_embeddings: got shape [3, 4], expected [2, 4]",
              "base_model.classifier.weight: not in the file");
      other.save(folder);
      Adapter without = plan(network, two, "", 2).create(network);
      assertThatThrownBy(() -> without.restore(folder))
          .hasMessageContaining(
              "base_model.classifier.bias: in the file, but not part of this adapter");
      other.close();
      without.close();
    }
  }

  @Test
  void passes_that_virtual_tokens_do_not_fit_are_refused() {
    try (Network network = network(classifier())) {
      network.attach(
          "prefix",
          plan(network, PrefixTuningSpec.builder().virtualTokens(2).build(), "", 2)
              .create(network));
      ForwardContext rows =
          ForwardContext.inference().withAdapters(AdapterSelection.perRow("prefix"));
      assertThatThrownBy(() -> network.forward(batch(TEXT), rows))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("adapters by row: 'prefix' puts virtual tokens before each text");
      assertThatThrownBy(() -> network.merge(AdapterSelection.of("prefix")))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("the adapter 'prefix' puts virtual tokens before each text");
      try (Tape tape = Tape.recording()) {
        ForwardContext again =
            ForwardContext.recording(tape)
                .withCheckpointing()
                .withAdapters(AdapterSelection.of("prefix"));
        assertThatThrownBy(() -> network.forward(batch(TEXT), again))
            .isInstanceOf(ModelException.class)
            .hasMessageContaining("prefix tuning does not work with activation checkpointing");
      }
      ForwardContext pass = ForwardContext.inference().withAdapters(AdapterSelection.of("prefix"));
      long[] long12 = new long[POSITIONS];
      assertThatThrownBy(() -> network.forward(batch(long12), pass))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("positions for 12");
      assertThat(network.maxTokens(AdapterSelection.of("prefix"))).isEqualTo(POSITIONS - 2);
      assertThat(network.maxTokens(null)).isEqualTo(POSITIONS);
    }
    try (Network network = network(language(heads(2).window(2)))) {
      network.adapt(
          plan(network, PrefixTuningSpec.builder().virtualTokens(2).build(), "", 2)
              .create(network));
      assertThatThrownBy(() -> logits(network, batch(TEXT)))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("two-way attention with a window of 2 tokens takes no prefix");
    }
  }
}
