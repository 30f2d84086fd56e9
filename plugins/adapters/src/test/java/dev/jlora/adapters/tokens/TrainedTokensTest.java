package dev.jlora.adapters.tokens;

import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.outputProjection;
import static dev.jlora.model.layers.Layers.tied;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.adapters.LoraMethod;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.layers.Layers;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.TargetedMethod;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.TargetedSpec;
import dev.jlora.spec.TokenIndices;
import dev.jlora.spi.AdapterContext;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Trained rows of an embedding, alone and beside LoRA, with an output layer of the same weight or
 * of its own: head (W e + b) + c in plain doubles.
 */
class TrainedTokensTest {
  private static final int ROWS = 5;
  private static final int WIDTH = 3;
  private static final long[] IDS = {4, 0, 2};
  private static final String SUFFIX = ".token_adapter.trainable_tokens_delta";

  @TempDir Path folder;
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

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void input_and_tied_output_see_the_trained_rows_and_their_gradients_add_up(boolean shared) {
    try (Network network = network(shared, DType.FLOAT64)) {
      Adapter adapter = adapt(network, lora().trainableTokens(2, 4).build());
      Parameter rows = adapter.parameters().getFirst();
      assertThat(rows.name()).isEqualTo("model.words" + SUFFIX);
      double[] values = normal(2 * WIDTH);
      double[] weights = normal(IDS.length * ROWS);
      double[] words = replaced(value(network, "model.words.weight"), values, 2, 4);
      double[] head = shared ? words : value(network, "head.decoder.weight");
      rows.swapIn(Tensor.of(values, 2, WIDTH));
      try (var _ = Scope.open();
          Tape tape = Tape.recording()) {
        Tensor y = logits(network, ForwardContext.training(tape, new RandomStream(1)));
        assertThat(y.toDoubles()).containsExactly(expected(network, words, head), within(1e-12));
        try (Gradients gradients = tape.backward(y, Tensor.of(weights, y.shape()))) {
          double[] found = gradients.of(rows.value()).toDoubles();
          for (int i = 0; i < values.length; i++) {
            double slope =
                (at(network, shared, values, i, 1e-6, weights)
                        - at(network, shared, values, i, -1e-6, weights))
                    / 2e-6;
            assertThat(found[i]).isCloseTo(slope, within(1e-7));
          }
        }
      }
    }
  }

  private static double at(
      Network network, boolean shared, double[] rows, int index, double step, double[] weights) {
    double[] moved = rows.clone();
    moved[index] += step;
    double[] words = replaced(value(network, "model.words.weight"), moved, 2, 4);
    double[] y = expected(network, words, shared ? words : value(network, "head.decoder.weight"));
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += y[i] * weights[i];
    }
    return sum;
  }

  @Test
  void rows_start_at_the_base_s_and_merging_keeps_what_is_tied() {
    try (Network network = network(true, DType.FLOAT32)) {
      float[] before = logits(network);
      float[] base = network.parameter("model.words.weight").value().toFloats();
      Adapter adapter = adapt(network, lora().trainableTokens(2, 4).build());
      assertThat(logits(network)).isEqualTo(before);
      move(adapter);
      float[] adapted = logits(network);
      assertThat(adapted).isNotEqualTo(before);
      assertThat(network.parameter("model.words.weight").value().toFloats()).isEqualTo(base);
      network.merge();
      assertThat(network.untied()).isFalse();
      assertThat(logits(network)).containsExactly(adapted, within(1e-5f));
      network.unmerge();
      assertThat(network.parameter("model.words.weight").value().toFloats()).isEqualTo(base);
      assertThat(logits(network)).isEqualTo(adapted);
    }
  }

  @Test
  void an_output_layer_that_is_named_with_other_rows_has_its_own() {
    TokenIndices other =
        new TokenIndices.ByName(Map.of("words", List.of(1), "decoder", List.of(2, 3)));
    try (Network network = network(true, DType.FLOAT32)) {
      double[] base = value(network, "model.words.weight");
      Adapter adapter = adapt(network, lora().trainableTokens(other).build());
      assertThat(keys(adapter)).contains("model.words" + SUFFIX, "head.decoder" + SUFFIX);
      move(adapter);
      double[] words = replaced(base, rows(adapter, "model.words"), 1);
      double[] head = replaced(base, rows(adapter, "head.decoder"), 2, 3);
      double[] expected = expected(network, words, head);
      assertThat(doubles(logits(network))).containsExactly(expected, within(1e-5));
      network.merge();
      assertThat(network.untied()).isTrue();
      assertThat(doubles(logits(network))).containsExactly(expected, within(1e-5));
      network.unmerge();
      reloads(network, adapter, true);
    }
  }

  @Test
  void only_an_output_layer_may_be_trained_and_equal_rows_are_one_parameter() {
    try (Network network = network(true, DType.FLOAT32)) {
      Adapter adapter =
          adapt(network, lora().trainableTokens(byName(Map.of("decoder", List.of(2)))).build());
      double[] base = value(network, "model.words.weight");
      move(adapter);
      double[] head = replaced(base, rows(adapter, "head.decoder"), 2);
      assertThat(doubles(logits(network)))
          .containsExactly(expected(network, base, head), within(1e-5));
    }
    for (boolean ensured : new boolean[] {true, false}) {
      try (Network network = network(true, DType.FLOAT32)) {
        TokenIndices both = byName(Map.of("words", List.of(2), "decoder", List.of(2)));
        Adapter adapter =
            adapt(network, lora().trainableTokens(both).ensureWeightTying(ensured).build());
        assertThat(keys(adapter).stream().filter(key -> key.endsWith(SUFFIX)))
            .containsExactly("model.words" + SUFFIX);
        move(adapter);
        network.merge();
        assertThat(network.untied()).isFalse();
      }
    }
  }

  @Test
  void an_output_layer_of_its_own_has_rows_of_its_own() {
    try (Network network = network(false, DType.FLOAT32)) {
      TokenIndices both = byName(Map.of("words", List.of(0), "decoder", List.of(2, 0)));
      Adapter adapter = adapt(network, lora().trainableTokens(both).build());
      move(adapter);
      double[] words =
          replaced(value(network, "model.words.weight"), rows(adapter, "model.words"), 0);
      double[] head =
          replaced(value(network, "head.decoder.weight"), rows(adapter, "head.decoder"), 2, 0);
      float[] adapted = logits(network);
      assertThat(doubles(adapted)).containsExactly(expected(network, words, head), within(1e-5));
      network.merge();
      assertThat(logits(network)).containsExactly(adapted, within(1e-5f));
      network.unmerge();
      reloads(network, adapter, false);
    }
  }

  @Test
  void rows_of_the_batch_may_have_adapters_of_their_own() {
    try (Network network = network(true, DType.FLOAT32)) {
      move(adapt(network, lora().trainableTokens(2).build()));
      float[] with = logits(network);
      network.select(AdapterSelection.none());
      float[] without = logits(network);
      Tensor twice = Tensor.of(new long[] {4, 0, 2, 4, 0, 2}, 2, 3);
      float[] mixed =
          network
              .forward(
                  Map.of("input_ids", twice),
                  ForwardContext.inference()
                      .withAdapters(
                          AdapterSelection.perRow(Network.DEFAULT_ADAPTER, (String) null)))
              .logits()
              .toFloats();
      assertThat(Arrays.copyOf(mixed, with.length)).containsExactly(with, within(1e-6f));
      assertThat(Arrays.copyOfRange(mixed, with.length, mixed.length))
          .containsExactly(without, within(1e-6f));
    }
  }

  @Test
  void trainable_tokens_are_stored_under_both_names_and_go_to_the_input_by_default() {
    try (Network network = network(true, DType.FLOAT32)) {
      Adapter adapter = adapt(network, TrainableTokensSpec.builder(3, 1).build());
      assertThat(keys(adapter))
          .containsExactly(
              "head.decoder.trainable_tokens_delta", "model.words.trainable_tokens_delta");
      float[] before = logits(network);
      move(adapter);
      assertThat(logits(network)).isNotEqualTo(before);
      reloads(network, adapter, true);
      network.merge();
      assertThat(network.untied()).isFalse();
    }
    try (Network network = network(false, DType.FLOAT32)) {
      float[] before = logits(network);
      Adapter adapter =
          adapt(network, TrainableTokensSpec.builder(4).targets("words").init(false).build());
      assertThat(logits(network)).isNotEqualTo(before);
      assertThat(keys(adapter)).containsExactly("model.words.trainable_tokens_delta");
    }
  }

  @Test
  void what_does_not_fit_is_told() {
    try (Network network = network(true, DType.FLOAT32)) {
      refused(
          network,
          lora().trainableTokens(5).build(),
          "tokens: got 5, expected 0 to 4, the rows of model.words");
      refused(
          network,
          lora().trainableTokens(byName(Map.of("wrods", List.of(1)))).build(),
          "trainable_token_indices: 'wrods' names no embedding of Tiny; the nearest are");
      refused(
          network,
          lora()
              .trainableTokens(byName(Map.of("words", List.of(1), "decoder", List.of(2))))
              .ensureWeightTying()
              .build(),
          "trainable_token_indices: got [1] for model.words and [2] for head.decoder, which share a"
              + " weight");
      refused(
          network,
          lora().trainableTokens(1).targets("up", "words").build(),
          "model.words is a target and also named apart, expected only one of them");
      refused(
          network,
          lora().trainableTokens(1).modulesToSave("words").build(),
          "model.words is trained in full (modules_to_save) and gets an adapter");
      refused(
          network,
          TrainableTokensSpec.builder().build(),
          "token_indices: got an empty list, expected token ids");
    }
  }

  private static void refused(Network network, TargetedSpec spec, String message) {
    assertThatThrownBy(() -> plan(network, spec))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith(message);
  }

  private static LoraSpec.Builder lora() {
    return LoraSpec.builder().targets("up");
  }

  private static TokenIndices byName(Map<String, List<Integer>> ids) {
    return new TokenIndices.ByName(ids);
  }

  private static dev.jlora.spi.AdapterPlan plan(Network network, TargetedSpec spec) {
    AdapterContext context = new AdapterContext("CAUSAL_LM", List.of(), 3, "tiny");
    return method(spec.method()).planOf(network.plan(), spec, context);
  }

  private static TargetedMethod<?> method(String name) {
    return name.equals(LoraSpec.METHOD) ? new LoraMethod() : new TrainableTokensMethod();
  }

  private static Adapter adapt(Network network, TargetedSpec spec) {
    return network.adapt(plan(network, spec).create(network));
  }

  /** Moves the trained rows; B of LoRA stays zero, so that the formula has no adapter. */
  private void move(Adapter adapter) {
    for (Parameter parameter : adapter.parameters()) {
      if (parameter.name().contains("tokens")) {
        float[] values = parameter.value().toFloats();
        for (int i = 0; i < values.length; i++) {
          values[i] += (float) random.nextGaussian();
        }
        try (var _ = Scope.open()) {
          parameter.value().copyFrom(Tensor.of(values, parameter.value().shape()));
        }
      }
    }
  }

  private static double[] rows(Adapter adapter, String module) {
    return adapter.parameters().stream()
        .filter(parameter -> parameter.name().startsWith(module + ".token"))
        .findFirst()
        .orElseThrow()
        .value()
        .toDoubles();
  }

  private void reloads(Network trained, Adapter adapter, boolean shared) {
    String method = adapter.parameters().getFirst().name().contains("token_adapter") ? "lora" : "";
    Set<String> keys = keys(adapter);
    try (Network again = network(shared, DType.FLOAT32)) {
      Adapter loaded = again.adapt(method(method).saved(again.plan(), folder).read(again, folder));
      assertThat(logits(again)).isEqualTo(logits(trained));
      assertThat(keys(loaded)).isEqualTo(keys);
    }
  }

  private Set<String> keys(Adapter adapter) {
    adapter.save(folder);
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE))) {
      Set<String> keys = new java.util.TreeSet<>();
      file.entries().keySet().forEach(key -> keys.add(key.substring(AdapterKeys.PREFIX.length())));
      return keys;
    }
  }

  private double[] normal(int count) {
    return random.doubles(count).map(_ -> random.nextGaussian()).toArray();
  }

  private static double[] replaced(double[] weight, double[] rows, int... ids) {
    double[] copy = weight.clone();
    for (int i = 0; i < ids.length; i++) {
      System.arraycopy(rows, i * WIDTH, copy, ids[i] * WIDTH, WIDTH);
    }
    return copy;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  private static Tensor logits(Network network, ForwardContext context) {
    return network.forward(Map.of("input_ids", Tensor.of(IDS, 1, IDS.length)), context).logits();
  }

  private static float[] logits(Network network) {
    return logits(network, ForwardContext.inference()).toFloats();
  }

  private static double[] expected(Network network, double[] words, double[] head) {
    double[] w = value(network, "up.weight");
    double[] b = value(network, "up.bias");
    double[] c =
        network.architecture().tied().isEmpty()
            ? value(network, "head.decoder.bias")
            : value(network, "head.bias");
    double[] logits = new double[IDS.length * ROWS];
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
        logits[t * ROWS + row] = sum;
      }
    }
    return logits;
  }

  private static double[] value(Network network, String name) {
    return network.parameter(name).value().toDoubles();
  }

  private static Network network(boolean shared, DType dtype) {
    Architecture.Builder tiny =
        Architecture.named("Tiny").inputs("input_ids").outputEmbedding("head.decoder");
    if (shared) {
      tiny.tied(Map.of("head.decoder.weight", "model.words.weight"));
    }
    Architecture architecture =
        tiny.root(
            named("model.words", lookup("input_ids", embedding(ROWS, WIDTH, Init.normal(0.5)))),
            named("up", linear(WIDTH, WIDTH, Init.normal(0.5))),
            named(
                "head",
                outputProjection(
                    "logits",
                    shared
                        ? tied("model.words.weight", WIDTH, ROWS)
                        : named("decoder", Layers.linear(WIDTH, ROWS, Init.normal(0.5))))));
    return Network.of(architecture, new RandomWeights(11), dtype);
  }
}
