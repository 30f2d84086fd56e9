package dev.jlora.model.attention;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.CausalMask;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.model.runtime.KeyValuePrefix;
import dev.jlora.model.runtime.Precision;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The common part of all kinds of multi-head attention: cache, mask, softmax, and joining the
 * heads.
 *
 * @param path the attention's path in the model, its key in the cache
 * @param index among the network's attention layers
 * @param causal whether a token attends only to itself and earlier ones
 * @param window see {@link AttentionHeads#window(long)}; 0 for all tokens
 * @param dropout on the attention probabilities, in training
 */
record AttentionCore(String path, int index, boolean causal, long window, double dropout) {

  /** [B, S, heads * d] to [B, S, heads, d]. */
  static Tensor perHead(Tape tape, Tensor x, long heads) {
    return Functions.reshape(tape, x, x.size(0), x.size(1), heads, width(x, heads));
  }

  /** The size d of a head in [B, S, heads * d]. */
  static long width(Tensor x, long heads) {
    long all = x.size(-1);
    if (all % heads != 0) {
      throw new ModelException(
          "attention: got %d features for %d heads, expected a multiple".formatted(all, heads));
    }
    return all / heads;
  }

  /** Whether the window is narrower than a sequence of this many tokens. */
  boolean limits(long tokens) {
    return window > 0 && (causal ? window < tokens : window / 2 < tokens - 1);
  }

  /**
   * softmax(scale q k^T + mask) v, from [B, heads, S, d] each to [B, S, heads * d]. Keys and values
   * may have fewer heads than queries; each is then used by several adjacent query heads.
   */
  Tensor attend(Tensor q, Tensor k, Tensor v, double scale, ForwardContext pass) {
    Tensor keys = Precision.cast(pass, k, q.dtype());
    Tensor values = Precision.cast(pass, v, q.dtype());
    UnpaddedRows unpadded = pass.unpadded();
    return unpadded == null
        ? attendPadded(q, keys, values, scale, pass)
        : new UnpaddedHeads(this, unpadded, pass).attend(q, keys, values, scale);
  }

  /** {@link #attend} on a padded batch. */
  Tensor attendPadded(Tensor q, Tensor k, Tensor v, double scale, ForwardContext pass) {
    Tensor keys = k;
    Tensor values = v;
    KeyValuePrefix prefix = pass.prefix();
    if (prefix != null) {
      requireNoWindow(q.size(2));
      KeyValueCache.Entry both = prefix.before(index, k, v, pass);
      keys = both.keys();
      values = both.values();
    }
    if (pass.cache() != null) {
      KeyValueCache.Entry all = pass.cache().append(path, keys, values);
      keys = all.keys();
      values = all.values();
    }
    if (!causal) {
      return joined(grouped(q, keys, values, twoWayMask(q, 2, pass), false, scale, pass), pass);
    }
    CausalMask mask = pass.causalMask(window, q.size(2), q.dtype(), q.device());
    Tensor mixed = grouped(q, keys, values, mask.additive(), mask.causal(), scale, pass);
    return joined(mask.silenced(pass.tape(), mixed), pass);
  }

  private void requireNoWindow(long tokens) {
    if (!causal && limits(tokens)) {
      throw new ModelException(
          "%s: two-way attention with a window of %,d tokens takes no prefix of keys and values"
              .formatted(path, window));
    }
  }

  /**
   * Self-attention over a fused tensor, [B, S, 3 heads * d] to [B, S, heads * d]: for each token
   * its queries, keys and values. For passes without a cache and without a prefix.
   */
  Tensor attend(Tensor fused, long heads, double scale, ForwardContext pass) {
    UnpaddedRows unpadded = pass.unpadded();
    return unpadded == null
        ? attendPadded(fused, heads, scale, pass)
        : new UnpaddedHeads(this, unpadded, pass).attend(fused, heads, scale);
  }

  /** Self-attention over a fused tensor, on a padded batch. */
  Tensor attendPadded(Tensor fused, long heads, double scale, ForwardContext pass) {
    Tape tape = pass.tape();
    if (!causal) {
      return mixed(fused, heads, twoWayMask(fused, 1, pass), false, scale, pass);
    }
    CausalMask mask = pass.causalMask(window, fused.size(1), fused.dtype(), fused.device());
    Tensor mixed = mixed(fused, heads, mask.additive(), mask.causal(), scale, pass);
    if (!mask.silences()) {
      return mixed;
    }
    Tensor split = Functions.transpose(tape, perHead(tape, mixed, heads), 1, 2);
    return joined(mask.silenced(tape, split), pass);
  }

  /**
   * @param dim the dimension of {@code x} that counts tokens
   */
  private @Nullable Tensor twoWayMask(Tensor x, int dim, ForwardContext pass) {
    return limits(x.size(dim))
        ? pass.windowMask(window, x.size(dim), x.dtype(), x.device())
        : pass.attentionMask();
  }

  private Tensor mixed(
      Tensor fused,
      long heads,
      @Nullable Tensor mask,
      boolean triangle,
      double scale,
      ForwardContext pass) {
    return Functions.selfAttention(
        pass.tape(),
        fused,
        heads,
        mask == null ? null : Precision.cast(pass, mask, fused.dtype()),
        triangle,
        scale,
        pass.dropout(dropout),
        pass.random());
  }

  /**
   * Attention in which several query heads may share a key head. The queries of a single token are
   * treated as rows of that head, so that a cache is read in place; for more tokens keys and values
   * are repeated.
   */
  private Tensor grouped(
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor mask,
      boolean triangle,
      double scale,
      ForwardContext pass) {
    long groups = k.size(1);
    long sharing = q.size(1) / groups;
    if (sharing == 1) {
      return mixed(q, k, v, mask, triangle, scale, pass);
    }
    if (q.size(2) > 1) {
      Tensor keys = repeatedFor(pass.tape(), q, k);
      Tensor values = repeatedFor(pass.tape(), q, v);
      return mixed(q, keys, values, mask, triangle, scale, pass);
    }
    Tensor rows = Functions.reshape(pass.tape(), q, q.size(0), groups, sharing, q.size(3));
    Tensor mixed = mixed(rows, k, v, mask, false, scale, pass);
    return Functions.reshape(pass.tape(), mixed, q.shape());
  }

  /** Keys or values repeated to the number of query heads. */
  static Tensor repeatedFor(Tape tape, Tensor q, Tensor x) {
    long sharing = q.size(1) / x.size(1);
    return sharing == 1 ? x : repeated(tape, x, sharing);
  }

  /** Repeats each head {@code times} times: [B, heads, S, d] to [B, times heads, S, d]. */
  private static Tensor repeated(Tape tape, Tensor x, long times) {
    long[] s = x.shape();
    Tensor single = Functions.reshape(tape, x, s[0], s[1], 1, s[2], s[3]);
    Tensor spread = Functions.expand(tape, single, s[0], s[1], times, s[2], s[3]);
    return Functions.reshape(tape, spread, s[0], s[1] * times, s[2], s[3]);
  }

  private Tensor mixed(
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor mask,
      boolean triangle,
      double scale,
      ForwardContext pass) {
    return Functions.attention(
        pass.tape(),
        q,
        k,
        v,
        mask == null ? null : Precision.cast(pass, mask, q.dtype()),
        triangle,
        scale,
        pass.dropout(dropout),
        pass.random());
  }

  /** [B, heads, S, d] to [B, S, heads * d]. */
  static Tensor joined(Tensor mixed, ForwardContext pass) {
    Tensor tokens = Functions.transpose(pass.tape(), mixed, 1, 2);
    return Functions.reshape(
        pass.tape(), tokens, tokens.size(0), tokens.size(1), tokens.size(2) * tokens.size(3));
  }
}
