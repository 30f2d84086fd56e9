package dev.jlora.model.layers;

import dev.jlora.model.Init;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.attention.Attention;
import dev.jlora.model.attention.AttentionHeads;
import dev.jlora.model.attention.RotaryFrequencies;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.Layer;
import dev.jlora.model.tree.Named;
import dev.jlora.model.tree.Sequence;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The layers that a model family is declared with; each is a record that can be printed and walked.
 * A BERT block, for instance:
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
 * <p>Other kinds are records that implement {@link Layer}; a family may have its own.
 */
public final class Layers {
  /** The usual initialization of transformers. */
  public static final Init NORMAL = Init.normal(0.02);

  private Layers() {}

  /** {@code layer} under a name of the checkpoint, dotted if its parameters are nested. */
  public static Layer named(String name, Layer layer) {
    return new Named(name, layer);
  }

  /**
   * A bias with {@code size} elements that checkpoints contain but no pass reads; initialized to
   * zero.
   */
  public static Layer unusedBias(long size) {
    return new UnusedParameter(ParameterSpec.bias(size));
  }

  /** x W^T + b with a weight of [out, in]. */
  public static Layer linear(long in, long out) {
    return linear(in, out, NORMAL);
  }

  /** x W^T + b, from [..., in] to [..., out], with an initialization for W. */
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

  /** A linear with another parameter's weight and its own bias. */
  public static Layer tied(String weight, long in, long out) {
    return new TiedLinear(weight, in, out, true);
  }

  /** A linear with another parameter's weight, without a bias. */
  public static Layer tiedWithoutBias(String weight, long in, long out) {
    return new TiedLinear(weight, in, out, false);
  }

  /** Rows of a table: from INT64 [...] to [..., width], with an initialization. */
  public static Layer embedding(long rows, long width, Init init) {
    return new Embedding(rows, width, -1, init);
  }

  /** A table whose row {@code padding} gets no gradient. */
  public static Layer embedding(long rows, long width, long padding, Init init) {
    return new Embedding(rows, width, padding, init);
  }

  /** Normalizes the last dimension, then scales and shifts it. */
  public static Layer layerNorm(long width, double epsilon) {
    return new LayerNorm(width, epsilon, true);
  }

  /** Normalizes the last dimension, then scales it. */
  public static Layer layerNormWithoutBias(long width, double epsilon) {
    return new LayerNorm(width, epsilon, false);
  }

  /** Scales the last dimension to a root mean square of 1, then by a weight. */
  public static Layer rmsNorm(long width, double epsilon) {
    return new RmsNorm(width, epsilon);
  }

  /** An activation by its name in {@code hidden_act}. */
  public static Layer activation(String name) {
    return new Activation(name);
  }

  /** Zeroes elements with probability {@code p} in training, and scales the rest. */
  public static Layer dropout(double p) {
    return new Dropout(p);
  }

  /** Layers in sequence. */
  public static Layer sequence(Layer... steps) {
    return new Sequence(List.of(steps));
  }

  /** The sum of the results of the parts for one input; put small (broadcast) terms last. */
  public static Layer sum(Layer... parts) {
    return new Sum(List.of(parts));
  }

  /** The elementwise product of the results of the parts for one input. */
  public static Layer product(Layer... parts) {
    return new Product(List.of(parts));
  }

  /** x + dropout(body(x)). */
  public static Layer residual(double dropout, Layer... body) {
    return new Residual(sequence(body), dropout);
  }

  /** norm(x + dropout(body(x))). */
  public static Layer postNorm(Layer body, double dropout, Layer norm) {
    return new PostNorm(body, dropout, norm);
  }

  /** x + dropout(body(norm(x))). */
  public static Layer preNorm(Layer norm, Layer body, double dropout) {
    return residual(dropout, norm, body);
  }

  /**
   * Multi-head attention over one input: [B, S, hidden] to [B, S, heads * d], without the output
   * projection.
   *
   * @param query from [..., hidden] to [..., heads * d]
   * @param key from [..., hidden] to [..., key heads * d], as {@code value}
   * @param heads how they attend, such as {@code heads(32).keyHeads(8).rotary(f).causal()}
   */
  public static Layer attention(Layer query, Layer key, Layer value, AttentionHeads heads) {
    return new Attention(List.of(query, key, value), heads);
  }

  /**
   * Multi-head attention with queries, keys and values, in this order, from one layer.
   *
   * @param qkv from [..., hidden] to [..., (heads + 2 key heads) * d]
   */
  public static Layer attention(Layer qkv, AttentionHeads heads) {
    return new Attention(List.of(qkv), heads);
  }

  /** The heads of an {@link #attention}: two-way, unless changed. */
  public static AttentionHeads heads(int count) {
    return AttentionHeads.of(count);
  }

  /** Bidirectional attention, with the batch's attention mask. */
  public static Layer selfAttention(
      Layer query, Layer key, Layer value, int heads, double dropout) {
    return attention(query, key, value, heads(heads).dropout(dropout));
  }

  /**
   * Causal attention with queries, keys and values from one linear, [..., hidden] to [..., 3
   * hidden].
   *
   * @param scale of the scores, usually 1 / sqrt(hidden / heads)
   */
  public static Layer fusedCausalAttention(Layer qkv, int heads, double scale, double dropout) {
    return attention(qkv, heads(heads).causal().scale(scale).dropout(dropout));
  }

  /**
   * Causal attention with rotary positions, {@code heads} query heads and {@code keyHeads}
   * key/value heads.
   *
   * @param window number of tokens that a token attends to, including itself; 0 for all earlier
   *     ones
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
    return attention(
        query,
        key,
        value,
        heads(heads)
            .keyHeads(keyHeads)
            .rotary(frequencies)
            .causal()
            .window(window)
            .dropout(dropout));
  }

  /** down(activation(gate(x)) * up(x)), a gated feed-forward (arXiv:2002.05202). */
  public static Layer gatedFeedForward(Layer gate, String activation, Layer up, Layer down) {
    return sequence(product(sequence(gate, activation(activation)), up), down);
  }

  /**
   * A gated feed-forward with gate and up in one layer, from [..., hidden] to [..., 2 inner], the
   * gate first.
   */
  public static Layer gatedFeedForward(Layer gateAndUp, String activation, Layer down) {
    return sequence(gateAndUp, gatedUnit(activation), down);
  }

  /** activation(a) * b of the two halves a and b of the last dimension: [..., 2 n] to [..., n]. */
  public static Layer gatedUnit(String activation) {
    return new GatedUnit(new Activation(activation));
  }

  /** {@code count} blocks named 0, 1, 2, ... */
  public static Layer repeat(int count, IntFunction<Layer> block) {
    return new Repeat(IntStream.range(0, count).mapToObj(block).toList());
  }

  /** The rows of the table selected by the input {@code input}. */
  public static Layer lookup(String input, Layer table) {
    return new Lookup(input, false, table);
  }

  /** The rows of the table selected by an optional input; row 0 for all tokens if it is absent. */
  public static Layer lookupOrZero(String input, Layer table) {
    return new Lookup(input, true, table);
  }

  /** The rows 0..S-1 of the table, or those selected by the input {@code position_ids}. */
  public static Layer positions(Layer table) {
    return new Positions(table);
  }

  /** Rows of the table by position, counting only tokens of {@code input} that are not padding. */
  public static Layer tokenPositions(String input, long padding, Layer table) {
    return new TokenPositions(input, padding, table);
  }

  /**
   * The first token of each row: from [batch, tokens, width] to [batch, width]. A network computes
   * the last block before it for that token only, except for keys and values. Named outputs before
   * it then exist only in passes that request all tokens; those that every pass must have are named
   * in {@link Architecture#outputs}.
   */
  public static Layer firstToken() {
    return new FirstToken();
  }

  /** Splits images into patches of {@code size} x {@code size} pixels with a convolution. */
  public static Layer patches(long channels, long size, Layer projection) {
    return new Patches(channels, size, projection);
  }

  /** A convolution with non-overlapping windows. */
  public static Layer patchConvolution(long channels, long width, long size, Init init) {
    return new Convolution(channels, width, size, size, init);
  }

  /** Prepends a learned token to every sequence, which {@link #firstToken} extracts. */
  public static Layer classToken(String name, long width, Init init) {
    return new ClassToken(name, width, init);
  }

  /**
   * The last token of every sequence that is not padding; {@code padding} is the padding token, or
   * -1.
   */
  public static Layer lastToken(long padding) {
    return new LastToken(padding);
  }

  /** Outputs the result of {@code body} as the model's {@code hidden_states.index} on request. */
  public static Layer hiddenState(int index, Layer body) {
    return new HiddenState(index, body);
  }

  /** Outputs the result of {@code body} under {@code name}, and passes it on. */
  public static Layer output(String name, Layer... body) {
    return new Output(name, sequence(body));
  }

  /**
   * Outputs the result of a linear under {@code name} without necessarily computing all of it: for
   * vocabulary logits, at the end of a model.
   */
  public static Layer outputProjection(String name, Layer linear) {
    return new OutputProjection(name, linear);
  }

  /** Outputs the columns of the last dimension under these names. */
  public static Layer splitOutputs(String... names) {
    return new SplitOutputs(List.of(names));
  }
}
