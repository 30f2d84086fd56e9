package dev.jlora.spi;

import dev.jlora.autograd.Tape;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** A {@link Task} made definite for one model: its loss, its judgement, its answers. */
public interface Objective {

  /**
   * The loss of a batch, as Hugging Face computes it.
   *
   * @param batch the model's arguments, {@code labels} (or what the task calls them) among them
   * @param labelSmoothing 0 for none; tasks without classes ignore it
   * @return a scalar FLOAT32 of the current scope, recorded on {@code tape}
   */
  Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing);

  /**
   * The number of items that the batch's loss is a mean over: rows, labelled words, predicted
   * tokens. It weighs micro-batches in a step and batches in an evaluation. 0 means that nothing in
   * the batch is labelled; it then adds nothing and its loss is not asked for.
   *
   * @param batch on the host, as the collator made it
   * @param rows of the batch, which is the answer where every row counts the same
   */
  default long weight(Map<String, Tensor> batch, int rows) {
    return rows;
  }

  /** A collector for one evaluation. */
  PredictionCollector collector();

  /**
   * Answers for a batch without labels, one per row: a label, a number, a span.
   *
   * @param examples those of the batch, in its order, encoded for {@link EncodingMode#PREDICT}
   */
  List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples);

  /**
   * Whether answers are made from the hidden states of all tokens, which a model whose head reads
   * the first token alone would leave out.
   */
  default boolean readsAllTokens() {
    return false;
  }

  /**
   * Whether the loss counts what a model gives for padding, which then has to be computed. Answers
   * never look at it.
   */
  default boolean readsPadding() {
    return false;
  }

  /** The figures reported when a job names none. */
  List<String> defaultMetrics();

  /** Gathers predictions and expectations, batch by batch. */
  interface PredictionCollector {
    /**
     * Takes a batch.
     *
     * @param examples those of the batch, in its order, encoded for {@link EncodingMode#EVALUATE}
     */
    void add(Outputs outputs, Map<String, Tensor> batch, List<Example> examples);

    /**
     * What was found so far, in each of the ways it can be looked at; a metric takes the first that
     * it fits. Before the first batch it tells which ways those are.
     */
    List<Predictions> predictions();
  }
}
