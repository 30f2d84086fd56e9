package dev.jlora.model.runtime;

import dev.jlora.tensor.Tensor;
import java.util.Map;

/**
 * What an adapter does to a batch before the first layer: prompt tuning and P-tuning put virtual
 * tokens before the text. The model is given a batch with room for them, and their embeddings take
 * the places of what the table holds for the ids there.
 */
public interface InputTransform {

  /**
   * The batch that the model is given: longer ids, mask, positions and token types. Labels of
   * tokens are extended, too, since losses and predictions are computed from this batch.
   *
   * @param inputs the batch as it came, on the network's device
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
