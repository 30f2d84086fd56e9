package dev.jlora.model.network;

import static dev.jlora.model.layers.Layers.activation;
import static dev.jlora.model.layers.Layers.dropout;
import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.firstToken;
import static dev.jlora.model.layers.Layers.layerNorm;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.output;
import static dev.jlora.model.layers.Layers.postNorm;
import static dev.jlora.model.layers.Layers.preNorm;
import static dev.jlora.model.layers.Layers.repeat;
import static dev.jlora.model.layers.Layers.selfAttention;
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
import dev.jlora.model.runtime.Outputs;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is computed for the first token alone is what the first token is among all. */
class FirstTokenTest {
  private static final int WIDTH = 8;
  private static final Init INIT = Init.normal(0.3);

  /** A layer that mixes tokens and knows nothing of who reads them. */
  private record Shift() implements Layer {
    @Override
    public Module build(Assembly assembly) {
      return (x, pass) ->
          Functions.add(
              pass.tape(),
              x,
              Functions.cat(
                  pass.tape(),
                  1,
                  Functions.slice(pass.tape(), x, 1, 1, x.size(1)),
                  Functions.slice(pass.tape(), x, 1, 0, 1)));
    }
  }

  /** Notes how many tokens come by. */
  private record Count(List<Long> seen) implements Layer {
    @Override
    public boolean tokenwise() {
      return true;
    }

    @Override
    public Module build(Assembly assembly) {
      return (x, _) -> {
        seen.add(x.size(1));
        return x;
      };
    }
  }

  /** A reader of the first token that no plugin has. */
  private record Corner() implements Layer {
    @Override
    public boolean readsOnlyFirstToken() {
      return true;
    }

    @Override
    public Module build(Assembly assembly) {
      return (x, pass) -> Functions.select(pass.tape(), x, 1, 0);
    }
  }

  private record Kind(String name, Supplier<Layer> block) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final Kind NO_TOKENS_MIXED =
      new Kind("no tokens mixed", () -> preNorm(named("n1", norm()), feedForward(), 0));

  static Stream<Arguments> blocks() {
    return Stream.of(
            new Kind(
                "post-norm",
                () ->
                    sequence(
                        postNorm(attention(), 0, named("n1", norm())),
                        postNorm(feedForward(), 0, named("n2", norm())))),
            new Kind(
                "pre-norm",
                () ->
                    sequence(
                        preNorm(named("n1", norm()), attention(), 0),
                        preNorm(named("n2", norm()), feedForward(), 0))),
            new Kind(
                "feed-forward first",
                () ->
                    sequence(
                        preNorm(named("n1", norm()), feedForward(), 0),
                        preNorm(named("n2", norm()), attention(), 0))),
            NO_TOKENS_MIXED,
            new Kind(
                "a kind of its own",
                () -> sequence(preNorm(named("n1", norm()), feedForward(), 0), new Shift())),
            new Kind(
                "a kind of its own around a residual",
                () -> preNorm(named("n1", norm()), sequence(new Shift(), feedForward()), 0)))
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void gives_the_logits_and_gradients_of_the_whole_sequence(Kind kind) {
    Map<String, float[]> whole = gradients(whole(encoder(kind, new ArrayList<>())));
    Map<String, float[]> alone = gradients(alone(encoder(kind, new ArrayList<>())));
    assertThat(alone.keySet()).containsExactlyElementsOf(whole.keySet());
    whole.forEach(
        (name, expected) ->
            assertThat(alone.get(name)).as(name).containsExactly(expected, within(1e-5f)));
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void computes_what_follows_for_one_token_only(Kind kind) {
    List<Long> tokens = new ArrayList<>();
    gradients(alone(encoder(kind, tokens)));
    assertThat(tokens).containsExactly(1L);
  }

  static Stream<Arguments> readers() {
    return Stream.of(
        Arguments.of(1L, firstToken()),
        Arguments.of(1L, named("pool", sequence(dropout(0), firstToken(), linear(WIDTH, WIDTH)))),
        Arguments.of(1L, output("pooled", firstToken())),
        Arguments.of(1L, new Corner()),
        Arguments.of(3L, sequence(new Shift(), firstToken())),
        Arguments.of(3L, dropout(0)));
  }

  @ParameterizedTest
  @MethodSource("readers")
  void a_reader_of_the_first_token_is_found_where_it_comes_first(long expected, Layer reader) {
    List<Long> tokens = new ArrayList<>();
    try (var _ = Scope.open();
        Network network =
            network(declared().root(encoder(NO_TOKENS_MIXED, tokens), reader, score()))) {
      network.forward(batch(), ForwardContext.inference());
    }
    assertThat(tokens).containsExactly(expected);
  }

  @Test
  void the_tree_of_a_network_is_the_declared_one() {
    Layer encoder = encoder(NO_TOKENS_MIXED, new ArrayList<>());
    try (var _ = Scope.open();
        Network network = network(alone(encoder))) {
      assertThat(network.architecture().root()).isEqualTo(sequence(encoder, firstToken(), score()));
      assertThat(network.architecture().tree()).contains("FirstToken\n");
    }
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void computes_everything_for_who_wants_hidden_states(Kind kind) {
    try (var _ = Scope.open();
        Network whole = network(whole(encoder(kind, new ArrayList<>())));
        Network alone = network(alone(encoder(kind, new ArrayList<>())))) {
      Outputs expected = whole.forward(batch(), ForwardContext.inference().withHiddenStates());
      Outputs actual = alone.forward(batch(), ForwardContext.inference().withHiddenStates());
      assertSame(
          actual,
          expected,
          List.of("hidden_states.1", "hidden_states.2", "last_hidden_state", "logits"));
    }
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void hands_the_last_hidden_states_out_whole_or_not_at_all(Kind kind) {
    try (var _ = Scope.open();
        Network whole = network(whole(encoder(kind, new ArrayList<>())));
        Network alone = network(alone(encoder(kind, new ArrayList<>())))) {
      Outputs expected = whole.forward(batch(), ForwardContext.inference());
      Outputs actual = alone.forward(batch(), ForwardContext.inference().withAllTokens());
      assertSame(actual, expected, List.of("last_hidden_state", "logits"));
      assertThat(alone.forward(batch(), ForwardContext.inference()).tensors())
          .doesNotContainKey("last_hidden_state");
    }
  }

  private static void assertSame(Outputs actual, Outputs expected, List<String> names) {
    for (String name : names) {
      assertThat(actual.get(name).shape()).as(name).isEqualTo(expected.get(name).shape());
      assertThat(actual.get(name).toFloats()).containsExactly(expected.get(name).toFloats());
    }
    assertThat(actual.tensors().keySet()).isEqualTo(expected.tensors().keySet());
  }

  private static Map<String, float[]> gradients(Architecture architecture) {
    Map<String, float[]> found = new LinkedHashMap<>();
    try (var _ = Scope.open();
        Network network = network(architecture);
        Tape tape = Tape.recording()) {
      network.parameters().forEach(parameter -> parameter.trainable(true));
      Tensor logits =
          network.forward(batch(), ForwardContext.training(tape, new RandomStream(1))).logits();
      found.put("logits", logits.toFloats());
      try (Gradients gradients =
          tape.backward(logits, Tensor.of(new float[] {1, -2, 3, 0.5f}, 2, 2))) {
        for (Parameter parameter : network.trainable()) {
          found.put(parameter.name(), gradients.of(parameter.value()).toFloats());
        }
      }
    }
    return found;
  }

  private static Network network(Architecture architecture) {
    return Network.of(architecture, new RandomWeights(3), DType.FLOAT32);
  }

  /** With the last hidden states in every pass, which leaves nothing to save. */
  private static Architecture whole(Layer encoder) {
    return declared().outputs("last_hidden_state", "logits").root(encoder, firstToken(), score());
  }

  private static Architecture alone(Layer encoder) {
    return declared().root(encoder, firstToken(), score());
  }

  private static Architecture.Builder declared() {
    return Architecture.named("Encoder").inputs("input_ids", "attention_mask");
  }

  private static Layer score() {
    return named("score", output("logits", linear(WIDTH, 2, INIT)));
  }

  private static Layer encoder(Kind kind, List<Long> tokens) {
    return output(
        "last_hidden_state",
        lookup("input_ids", named("words", embedding(30, WIDTH, Init.normal(1)))),
        named("block", repeat(2, _ -> kind.block().get())),
        dropout(0),
        new Count(tokens));
  }

  private static Layer attention() {
    return sequence(
        selfAttention(
            named("q", linear(WIDTH, WIDTH, INIT)),
            named("k", linear(WIDTH, WIDTH, INIT)),
            named("v", linear(WIDTH, WIDTH, INIT)),
            2,
            0),
        named("o", linear(WIDTH, WIDTH, INIT)));
  }

  private static Layer feedForward() {
    return sequence(
        named("up", linear(WIDTH, 2 * WIDTH, INIT)),
        activation("gelu"),
        named("down", linear(2 * WIDTH, WIDTH, INIT)));
  }

  private static Layer norm() {
    return layerNorm(WIDTH, 1e-5);
  }

  private static Map<String, Tensor> batch() {
    return Map.of(
        "input_ids", Tensor.of(new long[] {1, 2, 3, 4, 5, 0}, 2, 3),
        "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 0}, 2, 3));
  }
}
