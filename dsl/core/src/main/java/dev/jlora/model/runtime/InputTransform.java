package dev.jlora.model.runtime;

import dev.jlora.tensor.Tensor;
import java.util.Map;

/**
 * An adapter's change of a batch before the first layer: prompt tuning and P-tuning insert virtual
 * tokens before the text. {@link #batch} adds placeholder ids for them, whose embeddings {@link
 * #embeddings} replaces.
 */
public interface InputTransform {

  /**
   * The batch for the model: longer ids, mask, positions and token types. Token labels are
   * extended, too, since losses and predictions are computed from this batch.
   *
   * @param inputs the original batch, on the network's device
   */
  Map<String, Tensor> batch(Map<String, Tensor> inputs, ForwardContext context);

  /**
   * The embeddings of the model's main input, in the current scope.
   *
   * @param rows [B, S, width]: the rows of the table for the ids of {@link #batch}
   * @return the same shape, recorded on the context's tape
   */
  Tensor embeddings(Tensor rows, ForwardContext context);
}
