package dev.jlora.backend;

import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The mean over the rows whose label is not ignored of (1 - s) * -log p[label] + s / K * sum of
 * -log p, with p the softmax of the logits.
 */
public interface CrossEntropy {
  /**
   * Treatment of rows.
   *
   * @param ignoreIndex rows with this label are ignored
   * @param smoothing s, the share of the label that is spread evenly over all columns
   */
  record Rule(long ignoreIndex, double smoothing) {}

  /**
   * The loss, and the values for backward.
   *
   * @param loss [], FLOAT32 for 16-bit logits; null in backward
   * @param values [n, K], the logits or their log-probabilities, depending on the implementation
   * @param labels [n]
   * @param counted [] number of rows that are not ignored
   * @param logSums [n] log of the sum of exp of each row; null if the values are log-probabilities
   */
  record Result(
      @Nullable Tensor loss,
      Tensor values,
      Tensor labels,
      Tensor counted,
      @Nullable Tensor logSums) {}

  /**
   * Computes the loss.
   *
   * @param logits [n, K]
   * @param labels [n], INT64
   */
  Result forward(Tensor logits, Tensor labels, Rule rule);

  /**
   * The gradient of the logits, possibly in a wider dtype.
   *
   * @param g [] the gradient of the loss
   * @param result of forward
   */
  Tensor backward(Tensor g, Result result, Rule rule);
}
