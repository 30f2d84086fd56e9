package dev.jlora.model.attention;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.PackedFunctions;
import dev.jlora.autograd.Tape;
import dev.jlora.kernels.PackedRows;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.tensor.Tensor;

/**
 * Attention over unpadded rows, [1, T, ...]. If no kernel supports the input, if windows are
 * shorter than rows, or if each row has one query, the tokens are written back into their batch for
 * this function.
 */
record PackedHeads(AttentionCore heads, PackedRows rows, ForwardContext pass) {

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
      if (PackedFunctions.attends(q, keys, values)) {
        Tensor mixed =
            PackedFunctions.attention(
                tape,
                q,
                keys,
                values,
                rows,
                pass.packedMask(heads.causal(), q.dtype()),
                heads.causal(),
                scale,
                pass.dropout(heads.dropout()),
                pass.random());
        return AttentionCore.joined(mixed, pass);
      }
    }
    Tensor queries = cut ? q : unpacked(q);
    Tensor mixed = heads.attendPadded(queries, unpacked(k), unpacked(v), scale, pass);
    return cut ? mixed : PackedFunctions.pack(tape, mixed, rows);
  }

  /** Self-attention over a fused tensor, [1, T, 3 heads * d] to [1, T, heads * d]. */
  Tensor attend(Tensor fused, long count, double scale) {
    Tape tape = pass.tape();
    if (!heads.limits(rows.longest()) && PackedFunctions.attends(fused, count)) {
      return PackedFunctions.selfAttention(
          tape,
          fused,
          count,
          rows,
          pass.packedMask(heads.causal(), fused.dtype()),
          heads.causal(),
          scale,
          pass.dropout(heads.dropout()),
          pass.random());
    }
    Tensor padded = PackedFunctions.unpack(tape, fused, rows);
    return PackedFunctions.pack(tape, heads.attendPadded(padded, count, scale, pass), rows);
  }

  /** [1, heads, T, d] to [B, heads, S, d]. */
  private Tensor unpacked(Tensor x) {
    Tape tape = pass.tape();
    Tensor tokens = PackedFunctions.unpack(tape, Functions.transpose(tape, x, 1, 2), rows);
    return Functions.transpose(tape, tokens, 1, 2);
  }
}
