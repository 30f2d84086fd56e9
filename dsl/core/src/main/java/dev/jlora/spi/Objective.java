package dev.jlora.spi;

import dev.jlora.autograd.Tape;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** A {@link Task} for one model: its loss, predictions and metrics. */
public interface Objective {

  /**
   * The loss of a batch, as in Hugging Face's models.
   *
   * @param batch the model's arguments, including {@code labels} (or the task's name for them)
   * @param labelSmoothing 0 for none; ignored by tasks without classes
   * @return a FLOAT32 scalar owned by the current scope, recorded on {@code tape}
   */
  Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing);

  /**
   * The number of items over which the batch's loss is averaged: rows, labelled words, predicted
   * tokens. It is the weight of micro-batches in a step and of batches in an evaluation. A batch
   * with weight 0 has no labels; it is skipped and its loss is not computed.
   *
   * @param batch on the host, as created by the collator
   * @param rows of the batch, the result if every row counts equally
   */
  default long weight(Map<String, Tensor> batch, int rows) {
    return rows;
  }

  /** Creates a collector for one evaluation. */
  PredictionCollector collector();

  /**
   * Predictions for a batch without labels, one per row: a label, a number, a span.
   *
   * @param examples of the batch, in its order, encoded for {@link EncodingMode#PREDICT}
   */
  List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples);

  /**
   * Whether predictions use the hidden states of all tokens, which a model whose head reads only
   * the first token would skip.
   */
  default boolean readsAllTokens() {
    return false;
  }

  /**
   * Whether the loss includes the outputs for padding, which must then be computed. Predictions
   * never read them.
   */
  default boolean readsPadding() {
    return false;
  }

  /** The default metrics. */
  List<String> defaultMetrics();

  /** Collects predictions and expectations, batch by batch. */
  interface PredictionCollector {
    /**
     * Adds a batch.
     *
     * @param examples of the batch, in its order, encoded for {@link EncodingMode#EVALUATE}
     */
    void add(Outputs outputs, Map<String, Tensor> batch, List<Example> examples);

    /**
     * The predictions so far, in each representation that the task supports; a metric uses the
     * first that it supports. Before the first batch, the representations are empty.
     */
    List<Predictions> predictions();
  }
}
