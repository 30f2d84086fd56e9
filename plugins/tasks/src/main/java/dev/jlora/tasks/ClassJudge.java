package dev.jlora.tasks;

import dev.jlora.model.Outputs;
import dev.jlora.spi.Judgements;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.Tensor;
import java.util.Map;

/** Judges one class out of several, per sequence or per token; items labelled -100 do not count. */
final class ClassJudge implements Objective.Judge {
  private final int classes;
  private final IntList predicted = new IntList();
  private final IntList expected = new IntList();

  ClassJudge(int classes) {
    this.classes = classes;
  }

  @Override
  public void add(Outputs outputs, Map<String, Tensor> batch) {
    int[] answers = Rows.largest(outputs.logits());
    long[] labels = Losses.labels(batch, "labels").toLongs();
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != Losses.IGNORED) {
        predicted.add(answers[i]);
        expected.add(Math.toIntExact(labels[i]));
      }
    }
  }

  @Override
  public Judgements judgements() {
    return new Judgements.Classes(classes, predicted.toArray(), expected.toArray());
  }
}
