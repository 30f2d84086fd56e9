package dev.jlora.model;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What every kind of multi-head attention does with its queries, keys and values: cache, mask, mix,
 * and join the heads again.
 *
 * @param path the attention's place in the model, under which a cache knows it
 * @param causal a token sees itself and what is before it
 * @param dropout on the attention probabilities, in training
 */
record Heads(String path, boolean causal, double dropout) {

  /** [B, S, heads * d] to [B, heads, S, d]. */
  static Tensor split(Tape tape, Tensor x, long heads) {
    long width = x.size(-1) / heads;
    return Functions.transpose(
        tape, Functions.reshape(tape, x, x.size(0), x.size(1), heads, width), 1, 2);
  }

  /** softmax(scale q k^T + mask) v, from [B, heads, S, d] each to [B, S, heads * d]. */
  Tensor attend(Tensor q, Tensor k, Tensor v, double scale, Pass pass) {
    Tensor keys = Precision.cast(pass, k, q.dtype());
    Tensor values = Precision.cast(pass, v, q.dtype());
    if (pass.cache() != null) {
      KeyValueCache.Entry all = cache(pass).append(path, keys, values);
      keys = all.keys();
      values = all.values();
    }
    if (!causal) {
      return joined(mixed(q, keys, values, pass.attentionMask(), false, scale, pass), pass);
    }
    CausalMask mask = pass.causalMask(q.size(2), q.dtype(), q.device());
    Tensor mixed = mixed(q, keys, values, mask.additive(), mask.causal(), scale, pass);
    return joined(mask.silenced(pass.tape(), mixed), pass);
  }

  private KeyValueCache cache(Pass pass) {
    if (!causal) {
      throw new ModelException(
          "%s: got a cache, expected none: this model reads in both directions".formatted(path));
    }
    return pass.cache();
  }

  private Tensor mixed(
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor mask,
      boolean triangle,
      double scale,
      Pass pass) {
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
  private static Tensor joined(Tensor mixed, Pass pass) {
    Tensor tokens = Functions.transpose(pass.tape(), mixed, 1, 2);
    return Functions.reshape(
        pass.tape(), tokens, tokens.size(0), tokens.size(1), tokens.size(2) * tokens.size(3));
  }
}
