package dev.jlora.tasks;

import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Predictions;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Collects single-label predictions, per sequence or per token; items labelled {@link
 * Collator#IGNORED} are ignored.
 */
final class ClassCollector implements Objective.PredictionCollector {
  private final int classes;
  private final boolean ranked;
  private final IntList predicted = new IntList();
  private final IntList expected = new IntList();
  private final IntList ranks = new IntList();

  /**
   * @param ranked whether to record the rank of the right class; not for vocabularies
   */
  ClassCollector(int classes, boolean ranked) {
    this.classes = classes;
    this.ranked = ranked;
  }

  @Override
  public void add(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    int[] answers = Rows.largest(outputs.logits());
    double[] logits = ranked ? outputs.logits().toDoubles() : new double[0];
    long[] labels = Losses.labels(batch, "labels").toLongs();
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != Collator.IGNORED) {
        predicted.add(answers[i]);
        expected.add(Math.toIntExact(labels[i]));
        if (ranked) {
          ranks.add(rank(logits, i * classes, Math.toIntExact(labels[i])));
        }
      }
    }
  }

  /** Number of classes with a larger logit than the right one. */
  private int rank(double[] logits, int row, int right) {
    int larger = 0;
    for (int c = 0; c < classes; c++) {
      larger += logits[row + c] > logits[row + right] ? 1 : 0;
    }
    return larger;
  }

  @Override
  public List<Predictions> predictions() {
    return List.of(classes());
  }

  Predictions.Classes classes() {
    return new Predictions.Classes(
        classes, predicted.toArray(), expected.toArray(), ranks.toArray());
  }
}
