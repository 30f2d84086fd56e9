package dev.jlora.model.runtime;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.ModelException;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * Keys and values that precede those of a batch in every attention layer (prefix tuning,
 * arXiv:2101.00190). They have no positions of their own: keys are used as they are, not rotated.
 *
 * @param layers of each attention layer, in the order of the network, [1, key heads, n, d] each
 */
public record KeyValuePrefix(List<KeyValueCache.Entry> layers) {
  public KeyValuePrefix {
    layers = List.copyOf(layers);
  }

  /**
   * The keys and values of a layer with those of the prefix before them, [B, heads, n + S, d].
   *
   * @param layer its index in the network
   * @param keys [B, heads, S, d], as {@code values}
   * @throws ModelException if the prefix was made for other layers or heads
   */
  public KeyValueCache.Entry before(int layer, Tensor keys, Tensor values, ForwardContext pass) {
    if (layer >= layers.size()) {
      throw new ModelException(
          "prefix: got keys and values for %,d attention layers, and the model has more"
              .formatted(layers.size()));
    }
    KeyValueCache.Entry own = layers.get(layer);
    return new KeyValueCache.Entry(
        joined(own.keys(), keys, pass), joined(own.values(), values, pass));
  }

  private static Tensor joined(Tensor own, Tensor x, ForwardContext pass) {
    if (own.size(1) != x.size(1) || own.size(3) != x.size(3)) {
      throw new ModelException(
          ("prefix: got %d heads of size %d, and the attention layer has %d key heads of size %d:"
                  + " check num_attention_heads and token_dim (heads times size)")
              .formatted(own.size(1), own.size(3), x.size(1), x.size(3)));
    }
    Tape tape = pass.tape();
    Tensor cast = Precision.cast(pass, own, x.dtype());
    Tensor each = Functions.expand(tape, cast, x.size(0), own.size(1), own.size(2), own.size(3));
    return Functions.cat(tape, 2, each, x);
  }
}
