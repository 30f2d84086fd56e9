package dev.jlora.model.attention;

import dev.jlora.autograd.Tape;
import dev.jlora.model.CacheUse;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.tree.Assembly;
import dev.jlora.model.tree.Layer;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Decoder attention with rotary positions and grouped-query attention (arXiv:2305.13245): [B, S,
 * hidden] to [B, S, heads * d], without the output projection. Query head h uses key head h *
 * keyHeads / heads.
 *
 * @param query [..., hidden] to [..., heads * d]
 * @param key [..., hidden] to [..., keyHeads * d], as {@code value}
 * @param frequencies of the rotation; one object for all layers of a model, so that a pass computes
 *     its angles once
 * @param window number of tokens that a token attends to, including itself; 0 for all earlier ones
 * @param dropout on the attention probabilities, in training
 */
public record RotaryAttention(
    Layer query,
    Layer key,
    Layer value,
    int heads,
    int keyHeads,
    RotaryFrequencies frequencies,
    long window,
    double dropout)
    implements Layer {
  public RotaryAttention {
    if (keyHeads < 1 || heads < 1 || heads % keyHeads != 0) {
      throw new ModelException(
          "attention: got %d heads over %d of keys and values, expected a multiple of these"
              .formatted(heads, keyHeads));
    }
  }

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
    return CacheUse.STORES;
  }

  @Override
  public Module build(Assembly assembly) {
    Module q = assembly.build(query);
    Module k = assembly.build(key);
    Module v = assembly.build(value);
    AttentionCore mixing = new AttentionCore(assembly.path(), true, window, dropout);
    return (x, pass) -> {
      Tape tape = pass.tape();
      RotaryAngles angles = RotaryAngles.of(frequencies, x, pass);
      Tensor queries = angles.turn(tape, AttentionCore.split(tape, q.forward(x, pass), heads));
      return mixing.attend(
          queries,
          angles.turn(tape, AttentionCore.split(tape, k.forward(x, pass), keyHeads)),
          AttentionCore.split(tape, v.forward(x, pass), keyHeads),
          1 / Math.sqrt(queries.size(-1)),
          pass);
    };
  }
}
