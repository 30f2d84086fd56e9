package dev.jlora.tasks;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.ops.Ops;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Predictions;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Multi-label classification of sequences: sigmoid and binary cross-entropy on [B, C]. */
record MultiLabel(List<String> labels) implements Objective {
  private static final double THRESHOLD = 0.5;

  @Override
  public Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
    Tensor logits = Losses.precise(tape, outputs.logits());
    return Functions.bceWithLogits(
        tape, logits, Ops.to(Losses.labels(batch, "labels"), logits.dtype()));
  }

  @Override
  public PredictionCollector collector() {
    return new Collected();
  }

  private final class Collected implements PredictionCollector {
    private final List<boolean[]> predicted = new ArrayList<>();
    private final List<boolean[]> expected = new ArrayList<>();

    @Override
    public void add(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
      split(outputs.logits().toDoubles(), 0, predicted); // sigmoid(0) is the threshold
      split(Losses.labels(batch, "labels").toDoubles(), THRESHOLD, expected);
    }

    private void split(double[] values, double threshold, List<boolean[]> rows) {
      int width = labels.size();
      for (int start = 0; start < values.length; start += width) {
        boolean[] row = new boolean[width];
        for (int i = 0; i < width; i++) {
          row[i] = values[start + i] > threshold;
        }
        rows.add(row);
      }
    }

    @Override
    public List<Predictions> predictions() {
      return List.of(
          new Predictions.Labels(
              labels.size(),
              predicted.toArray(boolean[][]::new),
              expected.toArray(boolean[][]::new)));
    }
  }

  @Override
  public List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    double[] probabilities = Ops.sigmoid(Ops.to(outputs.logits(), DType.FLOAT32)).toDoubles();
    var answers = new ArrayList<Answer>();
    for (int start = 0; start < probabilities.length; start += labels.size()) {
      var scores = new LinkedHashMap<String, Double>();
      var chosen = new ArrayList<String>();
      double best = 0;
      for (int c = 0; c < labels.size(); c++) {
        double probability = probabilities[start + c];
        scores.put(labels.get(c), probability);
        best = Math.max(best, probability);
        if (probability > THRESHOLD) {
          chosen.add(labels.get(c));
        }
      }
      answers.add(new Answer(String.join(",", chosen), best, scores));
    }
    return answers;
  }

  @Override
  public List<String> defaultMetrics() {
    return List.of("f1_micro", "f1_macro", "accuracy");
  }
}
