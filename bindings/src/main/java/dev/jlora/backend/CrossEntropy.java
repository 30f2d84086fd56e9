package dev.jlora.backend;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The mean over the rows whose label is not ignored of (1 - s) * -log p[label] + s / K * sum of
 * -log p, with p the softmax of the logits.
 */
public interface CrossEntropy {
  /**
   * What a row counts.
   *
   * @param ignoreIndex rows with this label count for nothing
   * @param smoothing s, the share of the label that goes to all columns alike
   */
  record Rule(long ignoreIndex, double smoothing) {}

  /**
   * The loss, and what backward reads.
   *
   * @param loss [], FLOAT32 for 16-bit logits; null where backward reads
   * @param values [n, K], the logits or their log-probabilities, as the implementation has it
   * @param labels [n]
   * @param counted [] how many rows count
   * @param logSums [n] log of the sum of exp of each row; null where the values are
   *     log-probabilities
   */
  record Result(
      @Nullable Tensor loss,
      Tensor values,
      Tensor labels,
      Tensor counted,
      @Nullable Tensor logSums) {}

  /**
   * The loss.
   *
   * @param logits [n, K]
   * @param labels [n], INT64
   */
  Result forward(Tensor logits, Tensor labels, Rule rule);

  /**
   * The gradient of the logits, perhaps in a wider dtype.
   *
   * @param g [] the gradient of the loss
   * @param result of forward
   */
  Tensor backward(Tensor g, Result result, Rule rule);
}
