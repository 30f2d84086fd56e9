package dev.jlora.model.attention;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.autograd.UnpaddedFunctions;
import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.tensor.Tensor;

/**
 * Attention over unpadded rows, [1, T, ...]. If no kernel supports the input, if windows are
 * shorter than rows, or if each row has one query, the tokens are written back into their batch for
 * this function.
 */
record UnpaddedHeads(AttentionCore heads, UnpaddedRows rows, ForwardContext pass) {

  /**
   * As {@link AttentionCore#attend(Tensor, Tensor, Tensor, double, ForwardContext)}.
   *
   * @param q [1, heads, T, d], or [B, heads, 1, d]: the first token of each row
   */
  Tensor attend(Tensor q, Tensor k, Tensor v, double scale) {
    boolean cut = q.size(2) != rows.tokens();
    Tape tape = pass.tape();
    if (!cut && !heads.limits(rows.longest())) {
      Tensor keys = AttentionCore.repeatedFor(tape, q, k);
      Tensor values = AttentionCore.repeatedFor(tape, q, v);
      if (UnpaddedFunctions.attends(q, keys, values)) {
        Tensor mixed =
            UnpaddedFunctions.attention(
                tape,
                q,
                keys,
                values,
                rows,
                pass.unpaddedMask(heads.causal(), q.dtype()),
                heads.causal(),
                scale,
                pass.dropout(heads.dropout()),
                pass.random());
        return AttentionCore.joined(mixed, pass);
      }
    }
    Tensor queries = cut ? q : padded(q);
    Tensor mixed = heads.attendPadded(queries, padded(k), padded(v), scale, pass);
    return cut ? mixed : UnpaddedFunctions.unpad(tape, mixed, rows);
  }

  /** Self-attention over a fused tensor, [1, T, 3 heads * d] to [1, T, heads * d]. */
  Tensor attend(Tensor fused, long count, double scale) {
    Tape tape = pass.tape();
    if (!heads.limits(rows.longest()) && UnpaddedFunctions.attends(fused, count)) {
      return UnpaddedFunctions.selfAttention(
          tape,
          fused,
          count,
          rows,
          pass.unpaddedMask(heads.causal(), fused.dtype()),
          heads.causal(),
          scale,
          pass.dropout(heads.dropout()),
          pass.random());
    }
    Tensor padded = UnpaddedFunctions.pad(tape, fused, rows);
    return UnpaddedFunctions.unpad(tape, heads.attendPadded(padded, count, scale, pass), rows);
  }

  /** [1, heads, T, d] to [B, heads, S, d]. */
  private Tensor padded(Tensor x) {
    Tape tape = pass.tape();
    Tensor tokens = UnpaddedFunctions.pad(tape, Functions.transpose(tape, x, 1, 2), rows);
    return Functions.transpose(tape, tokens, 1, 2);
  }
}
