package dev.jlora.tasks;

import dev.jlora.autograd.Tape;
import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Single-label classification of sequences: cross-entropy on [B, C]. */
record SingleLabel(List<String> labels) implements Objective {

  @Override
  public Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
    return Losses.crossEntropy(
        tape, outputs.logits(), Losses.labels(batch, "labels"), labelSmoothing);
  }

  /** Number of labelled rows: a label of {@link Collator#IGNORED} is ignored. */
  @Override
  public long weight(Map<String, Tensor> batch, int rows) {
    return Losses.counted(batch, "labels");
  }

  @Override
  public PredictionCollector collector() {
    return new ClassCollector(labels.size(), /* ranked= */ true);
  }

  @Override
  public List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    double[] probabilities = Rows.probabilities(outputs.logits());
    int[] best = Rows.largest(outputs.logits());
    var answers = new ArrayList<Answer>();
    for (int row = 0; row < best.length; row++) {
      var scores = new LinkedHashMap<String, Double>();
      for (int c = 0; c < labels.size(); c++) {
        scores.put(labels.get(c), probabilities[row * labels.size() + c]);
      }
      String label = labels.get(best[row]);
      answers.add(new Answer(label, probabilities[row * labels.size() + best[row]], scores));
    }
    return answers;
  }

  @Override
  public List<String> defaultMetrics() {
    return labels.size() == 2 ? List.of("accuracy", "f1") : List.of("accuracy", "f1_macro");
  }
}
