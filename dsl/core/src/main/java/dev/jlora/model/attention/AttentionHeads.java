package dev.jlora.model.attention;

import dev.jlora.model.CacheUse;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the heads of multi-head attention, without the projections to queries, keys and
 * values: softmax(scale Q K^T + mask) V in every head (arXiv:1706.03762). Immutable; every method
 * that changes a setting returns a new value, so their order does not matter:
 *
 * <pre>{@code
 * heads(16).keyHeads(8).queryNorm(named("q_norm", rmsNorm(128, 1e-6))).rotary(frequencies).causal()
 * }</pre>
 *
 * <p>{@link Attention} is declared with it. Other layer kinds with attention add {@link #parts} to
 * their parts, return {@link #cacheUse} as their own, and call {@link #build}.
 *
 * @param count number of query heads
 * @param keyHeads number of key/value heads, a divisor of {@code count}: query head h reads
 *     key/value head h * keyHeads / count (arXiv:2305.13245)
 * @param queryNorm applied to the queries of each head, [B, S, count, d], before the rotation; null
 *     for nothing
 * @param keyNorm applied to the keys of each head, [B, S, keyHeads, d], before the rotation; null
 *     for nothing
 * @param rotary frequencies of rotary positions; null for none
 * @param isCausal whether a token attends only to itself and earlier ones
 * @param window the width of the attention, see {@link #window(long)}; 0 for all tokens
 * @param scale of the scores; 0 for 1 / sqrt(d)
 * @param dropout on the attention probabilities, in training
 */
public record AttentionHeads(
    int count,
    int keyHeads,
    @Nullable Layer queryNorm,
    @Nullable Layer keyNorm,
    @Nullable RotaryFrequencies rotary,
    boolean isCausal,
    long window,
    double scale,
    double dropout) {

  /**
   * @throws ModelException if a number is out of range, or a norm reads other tokens
   */
  public AttentionHeads {
    require(
        count >= 1 && keyHeads >= 1 && count % keyHeads == 0,
        "got %d heads over %d of keys and values, expected a multiple of these",
        count,
        keyHeads);
    require(
        window >= 0, "got a window of %d tokens, expected 1 or more, or 0 for all tokens", window);
    require(
        scale >= 0 && Double.isFinite(scale),
        "got a scale of %s, expected a positive number, or 0 for 1 / sqrt(size of a head)",
        scale);
    require(
        dropout >= 0 && dropout < 1,
        "got a dropout of %s, expected 0 or more and less than 1",
        dropout);
    requireTokenwise("queryNorm", queryNorm);
    requireTokenwise("keyNorm", keyNorm);
  }

  private static void requireTokenwise(String name, @Nullable Layer norm) {
    require(
        norm == null || norm.tokenwise(),
        "%s %s reads other tokens, expected a layer that declares tokenwise()",
        name,
        norm);
  }

  private static void require(boolean holds, String message, @Nullable Object... values) {
    if (!holds) {
      throw new ModelException("attention: " + message.formatted(values));
    }
  }

  /**
   * Two-way attention with this many heads for queries, keys and values, without positions, windows
   * and dropout.
   */
  public static AttentionHeads of(int count) {
    return new AttentionHeads(count, count, null, null, null, false, 0, 0, 0);
  }

  /** Grouped-query attention, with this many key/value heads. */
  public AttentionHeads keyHeads(int heads) {
    return new AttentionHeads(
        count, heads, queryNorm, keyNorm, rotary, isCausal, window, scale, dropout);
  }

  /** Applies a tokenwise layer to the queries of each head, [B, S, count, d]. */
  public AttentionHeads queryNorm(Layer norm) {
    return new AttentionHeads(
        count, keyHeads, norm, keyNorm, rotary, isCausal, window, scale, dropout);
  }

  /** Applies a tokenwise layer to the keys of each head, [B, S, keyHeads, d]. */
  public AttentionHeads keyNorm(Layer norm) {
    return new AttentionHeads(
        count, keyHeads, queryNorm, norm, rotary, isCausal, window, scale, dropout);
  }

  /**
   * Rotates queries and keys by their positions (arXiv:2104.09864). Layers with equal frequencies
   * share the angles of a pass.
   */
  public AttentionHeads rotary(RotaryFrequencies frequencies) {
    return new AttentionHeads(
        count, keyHeads, queryNorm, keyNorm, frequencies, isCausal, window, scale, dropout);
  }

  /** A token attends to itself and earlier tokens only. */
  public AttentionHeads causal() {
    return new AttentionHeads(
        count, keyHeads, queryNorm, keyNorm, rotary, true, window, scale, dropout);
  }

  /**
   * Limits the distance over which tokens attend. With {@link #causal}, token i attends to the
   * tokens j with i - window &lt; j &lt;= i: {@code window} tokens including itself, as in Mistral.
   * Otherwise it attends to those with |i - j| &lt;= window / 2, rounded down: window / 2 tokens on
   * each side and itself, as in ModernBERT. Positions are columns of the batch.
   *
   * @param tokens the width; 0 for no limit
   */
  public AttentionHeads window(long tokens) {
    return new AttentionHeads(
        count, keyHeads, queryNorm, keyNorm, rotary, isCausal, tokens, scale, dropout);
  }

  /** Multiplies the scores by this instead of 1 / sqrt(d). */
  public AttentionHeads scale(double factor) {
    return new AttentionHeads(
        count, keyHeads, queryNorm, keyNorm, rotary, isCausal, window, factor, dropout);
  }

  /** Drops attention probabilities in training. */
  public AttentionHeads dropout(double p) {
    return new AttentionHeads(
        count, keyHeads, queryNorm, keyNorm, rotary, isCausal, window, scale, p);
  }

  /** The layers inside: the norms of queries and keys, if any. */
  public List<Layer> parts() {
    List<Layer> parts = new ArrayList<>(2);
    if (queryNorm != null) {
      parts.add(queryNorm);
    }
    if (keyNorm != null) {
      parts.add(keyNorm);
    }
    return parts;
  }

  /** Causal heads store keys and values in the {@link KeyValueCache}; two-way heads do not. */
  public CacheUse cacheUse() {
    return isCausal ? CacheUse.STORES : CacheUse.IGNORES;
  }

  /**
   * Builds the norms and returns the attention. It stores keys and values under the path of {@code
   * assembly}, so a path has one attention.
   */
  public AttentionBlock build(Assembly assembly) {
    return new AttentionBlock(
        this,
        built(queryNorm, assembly),
        built(keyNorm, assembly),
        new AttentionCore(assembly.path(), assembly.attends(), isCausal, window, dropout));
  }

  private static @Nullable Module built(@Nullable Layer norm, Assembly assembly) {
    return norm == null ? null : assembly.build(norm);
  }
}
