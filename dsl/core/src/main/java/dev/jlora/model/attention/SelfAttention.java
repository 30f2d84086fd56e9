package dev.jlora.model.attention;

import dev.jlora.autograd.Tape;
import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Multi-head self-attention, [B, S, hidden] to [B, S, hidden], without the output projection:
 * softmax(Q K^T / sqrt(d) + mask) V with d = hidden / heads.
 *
 * @param causal whether a token attends only to itself and earlier ones
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
  public boolean supportsUnpadded() {
    return parts().stream().allMatch(Layer::supportsUnpadded);
  }

  @Override
  public CacheUse cacheUse() {
    return causal ? CacheUse.STORES : CacheUse.IGNORES;
  }

  @Override
  public Module build(Assembly assembly) {
    return with(assembly.build(query), assembly);
  }

  /** One query per sequence; all tokens remain keys and values. */
  @Override
  public Module buildForFirstToken(Assembly assembly) {
    return causal
        ? Layer.super.buildForFirstToken(assembly)
        : with(assembly.buildForFirstToken(query), assembly);
  }

  private Module with(Module q, Assembly assembly) {
    Module k = assembly.build(key);
    Module v = assembly.build(value);
    AttentionCore mixing = new AttentionCore(assembly.path(), causal, dropout);
    return (x, pass) -> {
      Tape tape = pass.tape();
      Tensor queries = AttentionCore.split(tape, q.forward(x, pass), heads);
      return mixing.attend(
          queries,
          AttentionCore.split(tape, k.forward(x, pass), heads),
          AttentionCore.split(tape, v.forward(x, pass), heads),
          1 / Math.sqrt(queries.size(-1)),
          pass);
    };
  }
}
