package dev.jlora.model.layers;

import dev.jlora.model.Init;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.attention.FusedAttention;
import dev.jlora.model.attention.RotaryAttention;
import dev.jlora.model.attention.RotaryFrequencies;
import dev.jlora.model.attention.SelfAttention;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.tree.Named;
import dev.jlora.model.tree.Sequence;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The words a model family is declared with; each is a record that can be printed and walked. A
 * BERT block, for one:
 *
 * <pre>{@code
 * sequence(
 *     postNorm(
 *         sequence(
 *             selfAttention(
 *                 named("attention.self.query", linear(h, h)),
 *                 named("attention.self.key", linear(h, h)),
 *                 named("attention.self.value", linear(h, h)),
 *                 heads, dropout),
 *             named("attention.output.dense", linear(h, h))),
 *         dropout,
 *         named("attention.output.LayerNorm", layerNorm(h, eps))),
 *     postNorm(
 *         sequence(
 *             named("intermediate.dense", linear(h, inner)),
 *             activation("gelu"),
 *             named("output.dense", linear(inner, h))),
 *         dropout,
 *         named("output.LayerNorm", layerNorm(h, eps))))
 * }</pre>
 *
 * <p>A kind that is missing here is a record that implements {@link Layer}; a family may bring its
 * own.
 */
public final class Layers {
  /** What fresh weights of most transformers start with. */
  public static final Init NORMAL = Init.normal(0.02);

  private Layers() {}

  /** {@code layer} under a name of the checkpoint, dotted where its parameters are nested. */
  public static Layer named(String name, Layer layer) {
    return new Named(name, layer);
  }

  /**
   * A bias of so many elements that checkpoints hold and no pass reads: zeros where it is fresh.
   */
  public static Layer unusedBias(long size) {
    return new UnusedParameter(ParameterSpec.bias(size));
  }

  /** x W^T + b with a weight of [out, in]. */
  public static Layer linear(long in, long out) {
    return linear(in, out, NORMAL);
  }

  /** y = x Wᵀ + b, from [..., in] to [..., out], with a start of its own for W. */
  public static Layer linear(long in, long out, Init init) {
    return new Linear(in, out, true, false, init);
  }

  /** x W^T with a weight of [out, in]. */
  public static Layer linearWithoutBias(long in, long out, Init init) {
    return new Linear(in, out, false, false, init);
  }

  /** GPT-2's linear, whose weight is stored [in, out]. */
  public static Layer conv1d(long in, long out, Init init) {
    return new Linear(in, out, true, true, init);
  }

  /** A linear over another parameter's weight, with a bias of its own. */
  public static Layer tied(String weight, long in, long out) {
    return new TiedLinear(weight, in, out, true);
  }

  /** A linear over another parameter's weight, and nothing else. */
  public static Layer tiedWithoutBias(String weight, long in, long out) {
    return new TiedLinear(weight, in, out, false);
  }

  /** Rows of a table: from INT64 [...] to [..., width], with a start of its own. */
  public static Layer embedding(long rows, long width, Init init) {
    return new Embedding(rows, width, -1, init);
  }

  /** A table whose row {@code padding} gets no gradient. */
  public static Layer embedding(long rows, long width, long padding, Init init) {
    return new Embedding(rows, width, padding, init);
  }

  /** Normalizes the last dimension, of this width, then scales and shifts it. */
  public static Layer layerNorm(long width, double epsilon) {
    return new LayerNorm(width, epsilon);
  }

  /** Scales the last dimension, of this width, to a root mean square of 1. */
  public static Layer rmsNorm(long width, double epsilon) {
    return new RmsNorm(width, epsilon);
  }

  /** An activation by its name in {@code hidden_act}. */
  public static Layer activation(String name) {
    return new Activation(name);
  }

  /** Zeroes a share of its input in training, and scales the rest. */
  public static Layer dropout(double p) {
    return new Dropout(p);
  }

  /** One layer after the other. */
  public static Layer sequence(Layer... steps) {
    return new Sequence(List.of(steps));
  }

  /** The sum of what the parts make of one input; put small (broadcast) terms last. */
  public static Layer sum(Layer... parts) {
    return new Sum(List.of(parts));
  }

  /** What the parts make of one input, multiplied element by element. */
  public static Layer product(Layer... parts) {
    return new Product(List.of(parts));
  }

  /** x + dropout(body(x)). */
  public static Layer residual(double dropout, Layer... body) {
    return new Residual(sequence(body), dropout, false);
  }

  /** norm(x + dropout(body(x))). */
  public static Layer postNorm(Layer body, double dropout, Layer norm) {
    return new PostNorm(body, dropout, norm, false);
  }

  /** x + dropout(body(norm(x))). */
  public static Layer preNorm(Layer norm, Layer body, double dropout) {
    return residual(dropout, norm, body);
  }

  /** Attention in both directions, under the batch's attention mask. */
  public static Layer selfAttention(
      Layer query, Layer key, Layer value, int heads, double dropout) {
    return new SelfAttention(query, key, value, heads, false, dropout);
  }

  /**
   * Attention of a decoder, whose queries, keys and values come from one linear, [..., hidden] to
   * [..., 3 hidden]: a token sees itself and what is before it.
   *
   * @param scale on the scores, most often 1 / sqrt(hidden / heads)
   */
  public static Layer fusedCausalAttention(Layer qkv, int heads, double scale, double dropout) {
    return new FusedAttention(qkv, heads, true, scale, dropout);
  }

  /**
   * Attention of a decoder whose queries and keys are turned by their positions, {@code heads}
   * heads of queries over {@code keyHeads} of keys and values.
   *
   * @param window how many tokens a token sees, itself included; 0 for all before it
   */
  public static Layer rotaryAttention(
      Layer query,
      Layer key,
      Layer value,
      int heads,
      int keyHeads,
      RotaryFrequencies frequencies,
      long window,
      double dropout) {
    return new RotaryAttention(query, key, value, heads, keyHeads, frequencies, window, dropout);
  }

  /** {@code count} blocks named 0, 1, 2, ... */
  public static Layer repeat(int count, IntFunction<Layer> block) {
    return new Repeat(IntStream.range(0, count).mapToObj(block).toList());
  }

  /** The table's rows that the input {@code input} names. */
  public static Layer lookup(String input, Layer table) {
    return new Lookup(input, false, table);
  }

  /** The same for an input that may be absent, which means zeros. */
  public static Layer lookupOrZero(String input, Layer table) {
    return new Lookup(input, true, table);
  }

  /** The table's rows 0..S-1, or those that the input {@code position_ids} names. */
  public static Layer positions(Layer table) {
    return new Positions(table);
  }

  /** The table's rows counted over the tokens of {@code input} that are not padding. */
  public static Layer tokenPositions(String input, long padding, Layer table) {
    return new TokenPositions(input, padding, table);
  }

  /** The first token of each row: from [batch, tokens, width] to [batch, width]. */
  public static Layer firstToken() {
    return new FirstToken();
  }

  /**
   * The first token of what {@code body} gives, [batch, width], for models whose head reads no
   * other. The last block of the body is computed for that token alone, save for its keys and
   * values; what the body hands out under a name it hands out in passes that want all tokens, and
   * such compute all of it.
   */
  public static Layer firstToken(Layer body) {
    return sequence(body.firstTokenOnly(), firstToken());
  }

  /** Images cut into patches of {@code size} x {@code size} pixels by a convolution. */
  public static Layer patches(long channels, long size, Layer projection) {
    return new Patches(channels, size, projection);
  }

  /** A convolution whose windows do not overlap. */
  public static Layer patchConvolution(long channels, long width, long size, Init init) {
    return new Convolution(channels, width, size, size, init);
  }

  /** A learned token before every sequence, which {@link #firstToken} takes out again. */
  public static Layer classToken(String name, long width, Init init) {
    return new ClassToken(name, width, init);
  }

  /** The last token of every sequence that is no padding; {@code padding} is its id, or -1. */
  public static Layer lastToken(long padding) {
    return new LastToken(padding);
  }

  /** What {@code body} gives is the model's {@code hidden_states.index}, for who wants those. */
  public static Layer hiddenState(int index, Layer body) {
    return new HiddenState(index, body);
  }

  /** Hands the result of {@code body} out of the model under {@code name}, and passes it on. */
  public static Layer output(String name, Layer... body) {
    return new Output(name, sequence(body), false);
  }

  /**
   * Hands the result of a linear out under {@code name}, which need not be computed as a whole: for
   * the scores of a vocabulary, at the end of a model.
   */
  public static Layer outputProjection(String name, Layer linear) {
    return new OutputProjection(name, linear);
  }

  /** Hands the columns of the last dimension out under these names. */
  public static Layer splitOutputs(String... names) {
    return new SplitOutputs(List.of(names));
  }
}
