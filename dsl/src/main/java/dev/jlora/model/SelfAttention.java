package dev.jlora.model;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Multi-head attention of a sequence to itself, [B, S, hidden] to [B, S, hidden], without the
 * output projection: softmax(Q K^T / sqrt(d) + mask) V with d = hidden / heads.
 *
 * @param causal a token sees itself and what is before it
 * @param dropout on the attention probabilities, in training
 */
public record SelfAttention(
    Layer query, Layer key, Layer value, int heads, boolean causal, double dropout)
    implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(query, key, value);
  }

  @Override
  public Module build(Assembly assembly) {
    Module q = assembly.build(query);
    Module k = assembly.build(key);
    Module v = assembly.build(value);
    return (x, pass) ->
        attend(
            perHead(q.forward(x, pass), pass.tape()),
            perHead(k.forward(x, pass), pass.tape()),
            perHead(v.forward(x, pass), pass.tape()),
            pass);
  }

  /** [B, S, hidden] to [B, heads, S, d]. */
  private Tensor perHead(Tensor x, Tape tape) {
    long width = x.size(-1) / heads;
    return Functions.transpose(
        tape, Functions.reshape(tape, x, x.size(0), x.size(1), heads, width), 1, 2);
  }

  private Tensor attend(Tensor q, Tensor k, Tensor v, Pass pass) {
    Tape tape = pass.tape();
    Tensor mask = pass.attentionMask();
    double scale = 1 / Math.sqrt(q.size(-1));
    Tensor mixed =
        Functions.attention(
            tape,
            q,
            Precision.cast(pass, k, q.dtype()),
            Precision.cast(pass, v, q.dtype()),
            mask == null ? null : Precision.cast(pass, mask, q.dtype()),
            causal,
            scale,
            pass.dropout(dropout),
            pass.random());
    Tensor tokens = Functions.transpose(tape, mixed, 1, 2);
    return Functions.reshape(
        tape, tokens, tokens.size(0), tokens.size(1), tokens.size(2) * tokens.size(3));
  }
}
