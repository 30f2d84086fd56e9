package dev.jlora.model.network;

import static dev.jlora.model.layers.Layers.activation;
import static dev.jlora.model.layers.Layers.attention;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.firstToken;
import static dev.jlora.model.layers.Layers.heads;
import static dev.jlora.model.layers.Layers.layerNorm;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.postNorm;
import static dev.jlora.model.layers.Layers.preNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.sequence;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.RandomStream;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Init;
import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.MetaOperators;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is computed without padding is what it is among padding, and padding does not come by. */
class UnpaddedPassTest {
  private static final int WIDTH = 8;
  private static final int COLUMNS = 32;
  private static final Init INIT = Init.normal(0.3);

  /** Kept are 8, 24 and 32 columns. */
  private static final int[] LENGTHS = {5, 20, 32};

  private static final long KEPT = 8 + 24 + 32;

  private enum Kind {
    WHOLE,
    FIRST_TOKEN,
    DECODER
  }

  /** A layer that mixes tokens and knows nothing of rows. */
  private record Shift() implements Layer {
    @Override
    public Module build(Assembly assembly) {
      return (x, pass) -> Functions.add(pass.tape(), x, x);
    }
  }

  /** Notes what comes by. */
  private record Count(List<Long> seen) implements Layer {
    @Override
    public boolean tokenwise() {
      return true;
    }

    @Override
    public Module build(Assembly assembly) {
      return (x, _) -> {
        seen.add(x.size(0) * x.size(1));
        return x;
      };
    }
  }

  private long live;
  private Scope scope;

  @BeforeEach
  void openScope() {
    live = Tensor.live();
    scope = Scope.open();
  }

  @AfterEach
  void closeScope() {
    scope.close();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  @ParameterizedTest
  @CsvSource({
    "WHOLE, FLOAT32, false",
    "WHOLE, FLOAT32, true",
    "WHOLE, FLOAT64, false",
    "FIRST_TOKEN, FLOAT32, false",
    "FIRST_TOKEN, FLOAT32, true",
    "FIRST_TOKEN, FLOAT64, true",
    "DECODER, FLOAT32, false",
    "DECODER, FLOAT32, true",
    "DECODER, FLOAT64, false",
    "DECODER, FLOAT64, true"
  })
  void outputs_and_gradients_are_those_of_the_whole_batch(Kind kind, DType dtype, boolean left) {
    double tolerance = dtype == DType.FLOAT64 ? 1e-11 : 2e-5;
    Map<String, double[]> padded = gradients(kind, dtype, left, false, false);
    Map<String, double[]> unpadded = gradients(kind, dtype, left, true, false);
    Map<String, double[]> again = gradients(kind, dtype, left, true, true);
    padded.forEach(
        (name, expected) ->
            assertThat(unpadded.get(name)).as(name).containsExactly(expected, within(tolerance)));
    unpadded.forEach(
        (name, expected) -> assertThat(again.get(name)).as(name).containsExactly(expected));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void blocks_are_given_the_tokens_that_count(Kind kind) {
    List<Long> seen = new ArrayList<>();
    forward(encoder(kind, seen), batch(false), ForwardContext.inference().withoutPadding());
    assertThat(seen).containsExactly(KEPT, kind == Kind.FIRST_TOKEN ? 3L : KEPT);
  }

  @Test
  void padding_on_the_left_of_a_first_token_that_is_read_stays() {
    List<Long> seen = new ArrayList<>();
    Map<String, Tensor> batch = new LinkedHashMap<>(batch(true));
    forward(encoder(Kind.DECODER, seen), batch, ForwardContext.inference().withoutPadding());
    assertThat(seen).containsExactly(KEPT, KEPT);
    seen.clear();
    forward(encoder(Kind.FIRST_TOKEN, seen), batch, ForwardContext.inference().withoutPadding());
    assertThat(seen).containsExactly(3L * COLUMNS, 3L);
  }

  @Test
  void a_batch_stays_as_it_is_where_it_has_to() {
    assertWhole("nobody asked", batch(false), ForwardContext.inference());
    assertWhole(
        "hidden states",
        batch(false),
        ForwardContext.inference().withoutPadding().withHiddenStates());
    assertWhole("no mask", without(batch(false)), ForwardContext.inference().withoutPadding());
    assertWhole(
        "no padding",
        batch(COLUMNS, COLUMNS, COLUMNS),
        ForwardContext.inference().withoutPadding());
    assertWhole(
        "little padding", batch(COLUMNS, 30, 30), ForwardContext.inference().withoutPadding());
    assertWhole("an empty row", batch(5, 0, 8), ForwardContext.inference().withoutPadding());
  }

  @Test
  void a_kind_that_mixes_tokens_on_its_own_gets_all_of_them() {
    List<Long> seen = new ArrayList<>();
    Layer blocks = repeat(2, _ -> sequence(block(false), new Shift(), new Count(seen)));
    forward(sequence(words(), named("block", blocks)), batch(false), plain());
    assertThat(seen).containsExactly(3L * COLUMNS, 3L * COLUMNS);
  }

  @Test
  void nothing_is_looked_at_where_tensors_have_no_memory() {
    MetaOperators.install();
    List<Long> seen = new ArrayList<>();
    Architecture declared = architecture(encoder(Kind.WHOLE, seen));
    try (var _ = Scope.open();
        Network network =
            Network.of(
                declared,
                parameter -> Tensor.empty(DType.FLOAT32, Device.META, parameter.sizes()),
                DType.FLOAT32,
                Device.META)) {
      Map<String, Tensor> batch = new LinkedHashMap<>();
      batch(false).forEach((name, tensor) -> batch.put(name, Ops.to(tensor, Device.META)));
      network.forward(batch, plain());
    }
    assertThat(seen).containsExactly(3L * COLUMNS, 3L * COLUMNS);
  }

  @Test
  void a_seed_drops_the_same() {
    assertThat(dropped(3)).isEqualTo(dropped(3)).isNotEqualTo(dropped(4));
  }

  private static float[] dropped(long seed) {
    try (var _ = Scope.open();
        Tape tape = Tape.recording();
        Network network = network(encoder(Kind.FIRST_TOKEN, new ArrayList<>()), DType.FLOAT32)) {
      network.parameters().forEach(parameter -> parameter.trainable(true));
      ForwardContext pass = ForwardContext.training(tape, new RandomStream(seed)).withoutPadding();
      return network.forward(batch(false), pass).logits().toFloats();
    }
  }

  private static ForwardContext plain() {
    return ForwardContext.inference().withoutPadding();
  }

  private static void assertWhole(String why, Map<String, Tensor> batch, ForwardContext pass) {
    List<Long> seen = new ArrayList<>();
    forward(encoder(Kind.WHOLE, seen), batch, pass);
    assertThat(seen).as(why).containsExactly(3L * COLUMNS, 3L * COLUMNS);
  }

  private static void forward(Layer encoder, Map<String, Tensor> batch, ForwardContext pass) {
    try (var _ = Scope.open();
        Network network = network(encoder, DType.FLOAT32)) {
      network.forward(batch, pass);
    }
  }

  /** The logits of tokens that count, and the gradients of a loss over those. */
  private static Map<String, double[]> gradients(
      Kind kind, DType dtype, boolean left, boolean unpadded, boolean checkpointing) {
    Map<String, double[]> found = new LinkedHashMap<>();
    try (var _ = Scope.open();
        Network network = network(encoder(kind, new ArrayList<>()), dtype);
        Tape tape = Tape.recording()) {
      network.parameters().forEach(parameter -> parameter.trainable(true));
      Map<String, Tensor> batch = batch(left);
      ForwardContext pass = ForwardContext.recording(tape);
      if (unpadded) {
        pass.withoutPadding();
      }
      if (checkpointing) {
        pass.withCheckpointing();
      }
      Tensor logits = network.forward(batch, pass).logits();
      Tensor weights = weights(logits, batch.get("attention_mask"));
      found.put("logits", Ops.mul(logits, Ops.ne(weights, Tensor.scalar(0, dtype))).toDoubles());
      try (Gradients gradients = tape.backward(logits, weights)) {
        for (Parameter parameter : network.trainable()) {
          found.put(parameter.name(), gradients.of(parameter.value()).toDoubles());
        }
      }
    }
    return found;
  }

  /** A gradient of the logits, zero for tokens that do not count. */
  private static Tensor weights(Tensor logits, Tensor mask) {
    double[] values = new Random(2).doubles(logits.elements(), -1, 1).toArray();
    Tensor all = Ops.to(Tensor.of(values, logits.shape()), logits.dtype());
    return logits.rank() == 2
        ? all
        : Ops.mul(all, Views.unsqueeze(Ops.to(mask, logits.dtype()), -1));
  }

  private static Network network(Layer encoder, DType dtype) {
    return Network.of(architecture(encoder), new RandomWeights(3), dtype);
  }

  private static Architecture architecture(Layer encoder) {
    return Architecture.named("Encoder")
        .inputs("input_ids", "attention_mask")
        .root(encoder, named("score", output("logits", linear(WIDTH, 2, INIT))));
  }

  private static Layer encoder(Kind kind, List<Long> seen) {
    Layer blocks = repeat(2, _ -> sequence(block(kind == Kind.DECODER), new Count(seen)));
    Layer all = sequence(words(), named("block", blocks));
    return kind == Kind.FIRST_TOKEN ? sequence(all, firstToken()) : all;
  }

  private static Layer words() {
    return lookup("input_ids", named("words", embedding(30, WIDTH, Init.normal(1))));
  }

  private static Layer block(boolean causal) {
    Layer attention =
        sequence(
            attention(
                named("q", linear(WIDTH, WIDTH, INIT)),
                named("k", linear(WIDTH, WIDTH, INIT)),
                named("v", linear(WIDTH, WIDTH, INIT)),
                causal ? heads(2).causal().dropout(0.1) : heads(2).dropout(0.1)),
            named("o", linear(WIDTH, WIDTH, INIT)));
    Layer feedForward =
        sequence(
            named("up", linear(WIDTH, 2 * WIDTH, INIT)),
            activation("gelu"),
            named("down", linear(2 * WIDTH, WIDTH, INIT)));
    return causal
        ? sequence(
            preNorm(named("n1", norm()), attention, 0.1),
            preNorm(named("n2", norm()), feedForward, 0.1))
        : sequence(
            postNorm(attention, 0.1, named("n1", norm())),
            postNorm(feedForward, 0.1, named("n2", norm())));
  }

  private static Layer norm() {
    return layerNorm(WIDTH, 1e-5);
  }

  private static Map<String, Tensor> batch(int... lengths) {
    return batch(false, lengths);
  }

  private static Map<String, Tensor> batch(boolean left) {
    return batch(left, LENGTHS);
  }

  private static Map<String, Tensor> batch(boolean left, int... lengths) {
    long[] ids = new Random(1).longs((long) lengths.length * COLUMNS, 1, 30).toArray();
    long[] mask = new long[ids.length];
    for (int row = 0; row < lengths.length; row++) {
      int start = row * COLUMNS + (left ? COLUMNS - lengths[row] : 0);
      Arrays.fill(mask, start, start + lengths[row], 1);
    }
    mask[COLUMNS + COLUMNS / 2] = 0; // a token in the middle of a row that nobody sees
    return Map.of(
        "input_ids", Tensor.of(ids, lengths.length, COLUMNS),
        "attention_mask", Tensor.of(mask, lengths.length, COLUMNS));
  }

  private static Map<String, Tensor> without(Map<String, Tensor> batch) {
    return Map.of("input_ids", batch.get("input_ids"));
  }
}
