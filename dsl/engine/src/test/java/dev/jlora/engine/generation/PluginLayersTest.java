package dev.jlora.engine.generation;

import static dev.jlora.model.layers.Layers.embedding;
import static dev.jlora.model.layers.Layers.linear;
import static dev.jlora.model.layers.Layers.lookup;
import static dev.jlora.model.layers.Layers.named;
import static dev.jlora.model.layers.Layers.outputProjection;
import static dev.jlora.model.layers.Layers.residual;
import static dev.jlora.model.layers.Layers.selfAttention;
import static dev.jlora.model.layers.Layers.tied;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.CacheUse;
import dev.jlora.model.Init;
import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Generation through layers that a plugin brings. The expected tokens come from the equations in
 * plain Java below, which compute all of a sequence again for every token and know no cache.
 */
class PluginLayersTest {
  private static final int WIDTH = 4;
  private static final int WORDS = 11;
  private static final double SLOPE = 0.3;
  private static final GenerationSettings GREEDY = GenerationSettings.greedy(12);
  private static final int[] PROMPT = {3, 7, 7, 1};

  private Network network;

  @AfterEach
  void close() {
    if (network != null) {
      network.close();
    }
  }

  /**
   * Attention whose scores fall with the distance: row i of the result is sum_j p_ij x_j with p_i =
   * softmax_j(x_i . x_j / sqrt(width) - slope (i - j)), j up to i.
   */
  record DistanceAttention(CacheUse cacheUse, boolean fills) implements Layer {
    @Override
    public Module build(Assembly assembly) {
      return (x, pass) -> {
        Tape tape = pass.tape();
        long tokens = x.size(1);
        Tensor own = Functions.reshape(tape, x, x.size(0), 1, tokens, WIDTH);
        Tensor seen = own;
        if (fills && pass.cache() != null) {
          seen = pass.cache().append(assembly.path(), own, own).keys();
        }
        Tensor scores =
            Functions.scale(
                tape,
                Functions.matmul(tape, own, Functions.transpose(tape, seen, 2, 3)),
                1 / Math.sqrt(WIDTH));
        long all = seen.size(2);
        Tensor falling = Functions.add(tape, scores, distances(tokens, all));
        if (all == pass.past() + tokens) { // else the mask of the pass is for more than is seen
          Tensor bias = pass.causalBias(tokens, x.dtype(), x.device());
          falling = Functions.add(tape, falling, bias);
        }
        Tensor mixed = Functions.matmul(tape, Functions.softmax(tape, falling, 3), seen);
        return Functions.reshape(tape, mixed, x.shape());
      };
    }

    private static Tensor distances(long tokens, long all) {
      float[] bias = new float[(int) (tokens * all)];
      for (int i = 0; i < bias.length; i++) {
        long query = all - tokens + i / all;
        bias[i] = (float) (-SLOPE * (query - i % all));
      }
      return Tensor.of(bias, 1, 1, tokens, all);
    }
  }

  /** Adds the token before to each token: state that is no attention. */
  record Shift(CacheUse cacheUse) implements Layer {
    @Override
    public Module build(Assembly assembly) {
      return (x, pass) -> {
        Tape tape = pass.tape();
        long tokens = x.size(1);
        Tensor all = Functions.reshape(tape, x, x.size(0), 1, tokens, WIDTH);
        if (cacheUse == CacheUse.STORES && pass.cache() != null) {
          all = pass.cache().append(assembly.path(), all, all).keys();
        }
        long end = all.size(2);
        Tensor before =
            Functions.cat(
                tape,
                2,
                Tensor.zeros(x.dtype(), x.size(0), 1, 1, WIDTH),
                Functions.slice(tape, all, 2, 0, end - 1));
        Tensor last = Functions.slice(tape, before, 2, end - tokens, end);
        return Functions.add(tape, x, Functions.reshape(tape, last, x.shape()));
      };
    }
  }

  @Test
  void attention_of_a_plugin_that_fills_the_cache_writes_what_its_equation_says() {
    TokenGenerator generator = generator(new DistanceAttention(CacheUse.STORES, true));
    int[] expected = byHand(PROMPT, PluginLayersTest::distanceAttention);

    assertThat(generator.generate(List.of(PROMPT), GREEDY).getFirst()).containsExactly(expected);
    assertThat(generator.generate(List.of(PROMPT), GREEDY.withoutCache()).getFirst())
        .containsExactly(expected);
    assertThat(network.takesCache()).isTrue();
  }

  @Test
  void prompts_of_other_lengths_in_one_batch_change_nothing() {
    TokenGenerator generator = generator(new DistanceAttention(CacheUse.STORES, true));
    int[] other = {5, 2, 9, 9, 0, 4, 10};
    List<int[]> both = generator.generate(List.of(PROMPT, other), GREEDY);
    assertThat(both.getFirst())
        .containsExactly(byHand(PROMPT, PluginLayersTest::distanceAttention));
    assertThat(both.getLast()).containsExactly(byHand(other, PluginLayersTest::distanceAttention));
  }

  @Test
  void attention_that_ignores_the_cache_is_refused_by_its_name() {
    TokenGenerator generator = generator(new DistanceAttention(CacheUse.IGNORES, false));

    assertThat(network.takesCache()).isFalse();
    assertThatThrownBy(() -> generator.generate(List.of(PROMPT), GREEDY))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith(
            "Tiny: the layer block.mix (DistanceAttention) attends to other tokens without using"
                + " the")
        .hasMessageContaining("--no-cache")
        .hasMessageContaining("cacheUse() STORES");
    assertThat(generator.generate(List.of(PROMPT), GREEDY.withoutCache()).getFirst())
        .containsExactly(byHand(PROMPT, PluginLayersTest::distanceAttention));
  }

  @Test
  void a_layer_with_state_of_another_kind_is_refused_until_it_keeps_it_in_the_cache() {
    int[] expected = byHand(PROMPT, PluginLayersTest::shift);

    TokenGenerator ignoring = generator(new Shift(CacheUse.IGNORES));
    assertThatThrownBy(() -> ignoring.generate(List.of(PROMPT), GREEDY))
        .hasMessageContaining("the layer block.mix (Shift)");
    assertThat(ignoring.generate(List.of(PROMPT), GREEDY.withoutCache()).getFirst())
        .containsExactly(expected);
    network.close();

    TokenGenerator storing = generator(new Shift(CacheUse.STORES));
    assertThat(storing.generate(List.of(PROMPT), GREEDY).getFirst()).containsExactly(expected);
  }

  @Test
  void a_layer_that_says_it_fills_the_cache_and_does_not_is_refused() {
    TokenGenerator generator = generator(new DistanceAttention(CacheUse.STORES, false));
    assertThatThrownBy(() -> generator.generate(List.of(PROMPT), GREEDY))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith(
            "block.mix: declares that it fills the cache, but stored 0 of 4 tokens");
  }

  @Test
  void two_layers_without_names_of_their_own_cannot_share_a_place_in_the_cache() {
    Layer mix = new DistanceAttention(CacheUse.STORES, true);
    TokenGenerator generator = generator(dev.jlora.model.layers.Layers.sequence(mix, mix));
    assertThatThrownBy(() -> generator.generate(List.of(PROMPT), GREEDY))
        .hasMessageStartingWith("cache: got two entries of one pass for 'block.mix'");
  }

  @Test
  void attention_in_both_directions_has_no_cache() {
    TokenGenerator generator =
        generator(
            selfAttention(
                named("q", linear(WIDTH, WIDTH)),
                named("k", linear(WIDTH, WIDTH)),
                named("v", linear(WIDTH, WIDTH)),
                1,
                0));
    assertThatThrownBy(() -> generator.generate(List.of(PROMPT), GREEDY))
        .hasMessageContaining("the layer block.mix (Attention)");
  }

  private TokenGenerator generator(Layer mix) {
    Architecture model =
        Architecture.named("Tiny")
            .inputs("input_ids", "attention_mask")
            .root(
                named("words", lookup("input_ids", embedding(WORDS, WIDTH, Init.normal(1)))),
                named("block", residual(0, named("mix", mix))),
                named("head", outputProjection("logits", tied("words.weight", WIDTH, WORDS))));
    network = Network.of(model, new RandomWeights(4), DType.FLOAT32);
    return new TokenGenerator(network, new SpecialIds(Set.of(), 0));
  }

  // ---- the equations

  private static double[] distanceAttention(double[][] x, int i) {
    double[] weights = new double[i + 1];
    double total = 0;
    for (int j = 0; j <= i; j++) {
      double score = 0;
      for (int d = 0; d < WIDTH; d++) {
        score += x[i][d] * x[j][d];
      }
      weights[j] = Math.exp(score / Math.sqrt(WIDTH) - SLOPE * (i - j));
      total += weights[j];
    }
    double[] mixed = new double[WIDTH];
    for (int j = 0; j <= i; j++) {
      for (int d = 0; d < WIDTH; d++) {
        mixed[d] += weights[j] / total * x[j][d];
      }
    }
    return mixed;
  }

  private static double[] shift(double[][] x, int i) {
    double[] sum = x[i].clone();
    for (int d = 0; d < WIDTH && i > 0; d++) {
      sum[d] += x[i - 1][d];
    }
    return sum;
  }

  /** Greedy tokens behind a prompt: the likeliest of (x_n + mix(x)_n) W^T, again and again. */
  private int[] byHand(int[] prompt, BiFunction<double[][], Integer, double[]> mix) {
    float[] table = network == null ? table() : network.state().get("words.weight").toFloats();
    int[] ids = Arrays.copyOf(prompt, prompt.length + 12);
    for (int length = prompt.length; length < ids.length; length++) {
      double[][] x = new double[length][WIDTH];
      for (int i = 0; i < length; i++) {
        for (int d = 0; d < WIDTH; d++) {
          x[i][d] = table[ids[i] * WIDTH + d];
        }
      }
      double[] last = x[length - 1];
      double[] mixed = mix.apply(x, length - 1);
      double best = Double.NEGATIVE_INFINITY;
      for (int word = 0; word < WORDS; word++) {
        double logit = 0;
        for (int d = 0; d < WIDTH; d++) {
          logit += (last[d] + mixed[d]) * table[word * WIDTH + d];
        }
        if (logit > best) {
          best = logit;
          ids[length] = word;
        }
      }
    }
    return Arrays.copyOfRange(ids, prompt.length, ids.length);
  }

  /** The same weights for every network: they come from the seed and the name. */
  private float[] table() {
    generator(new Shift(CacheUse.STORES));
    float[] table = network.state().get("words.weight").toFloats();
    network.close();
    network = null;
    return table;
  }
}
