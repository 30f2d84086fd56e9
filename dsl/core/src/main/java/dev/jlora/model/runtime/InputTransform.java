package dev.jlora.model.runtime;

import dev.jlora.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Virtual tokens that an adapter puts before each text. They are either inputs (prompt tuning,
 * P-tuning): {@link #batch} adds placeholder ids, whose embeddings {@link #embeddings} replaces. Or
 * they are keys and values of the attention layers (prefix tuning): {@link #prefix}.
 *
 * <p>With a {@link KeyValueCache} they enter once, in the pass that fills the empty cache; later
 * passes have only new tokens, after {@link ForwardContext#past} others.
 */
public interface InputTransform {

  /** Number of virtual tokens. The positions of a text follow theirs. */
  int virtualTokens();

  /**
   * Whether the virtual tokens are keys and values of the attention layers, as if they were in a
   * cache, rather than inputs of the first layer.
   */
  default boolean isPrefix() {
    return false;
  }

  /**
   * The batch for the model: ids, mask, positions and token types that include the virtual tokens.
   * Token labels are extended, too, since losses and predictions are computed from this batch.
   *
   * @param inputs the original batch, on the network's device; its mask covers cached tokens, but
   *     no virtual ones
   */
  Map<String, Tensor> batch(Map<String, Tensor> inputs, ForwardContext context);

  /**
   * The embeddings of the model's main input, in the current scope. Called in passes whose batch
   * has placeholders.
   *
   * @param rows [B, S, width]: the rows of the table for the ids of {@link #batch}
   * @return the same shape, recorded on the context's tape
   */
  default Tensor embeddings(Tensor rows, ForwardContext context) {
    return rows;
  }

  /**
   * The keys and values of the virtual tokens, in the current scope and recorded on the context's
   * tape; null unless it {@link #isPrefix}. Called once per pass.
   */
  default @Nullable KeyValuePrefix prefix(ForwardContext context) {
    return null;
  }
}
