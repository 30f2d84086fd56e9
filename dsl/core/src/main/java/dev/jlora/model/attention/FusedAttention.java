package dev.jlora.model.attention;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.CacheUse;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Multi-head self-attention, [B, S, hidden] to [B, S, hidden], with queries, keys and values from
 * one linear; without the output projection.
 *
 * @param qkv [..., hidden] to [..., 3 hidden]
 * @param causal whether a token attends only to itself and earlier ones
 * @param scale of the scores
 * @param dropout on the attention probabilities, in training
 */
public record FusedAttention(Layer qkv, int heads, boolean causal, double scale, double dropout)
    implements Layer {
  @Override
  public List<Layer> parts() {
    return List.of(qkv);
  }

  @Override
  public boolean supportsUnpadded() {
    return qkv.supportsUnpadded();
  }

  @Override
  public CacheUse cacheUse() {
    return causal ? CacheUse.STORES : CacheUse.IGNORES;
  }

  @Override
  public Module build(Assembly assembly) {
    Module all = assembly.build(qkv);
    AttentionCore mixing = new AttentionCore(assembly.path(), causal, dropout);
    return (x, pass) -> {
      Tensor fused = all.forward(x, pass);
      if (pass.cache() == null) {
        return mixing.attend(fused, heads, scale, pass);
      }
      return mixing.attend(
          part(fused, 0, pass.tape()),
          part(fused, 1, pass.tape()),
          part(fused, 2, pass.tape()),
          scale,
          pass);
    };
  }

  private Tensor part(Tensor fused, int which, Tape tape) {
    long hidden = fused.size(-1) / 3;
    return AttentionCore.split(
        tape, Functions.slice(tape, fused, 2, which * hidden, (which + 1) * hidden), heads);
  }
}
