package dev.jlora.tasks;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.ops.Ops;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Predictions;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Regression on sequences: mean squared error of [B, C], usually with C = 1. */
record Regression(List<String> labels) implements Objective {

  @Override
  public Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
    Tensor labels = Losses.labels(batch, "labels");
    Tensor logits = Losses.precise(tape, outputs.logits());
    if (logits.elements() != labels.elements()) {
      throw new IllegalArgumentException(
          "Regression: got labels of shape %s for outputs of shape %s; expected one number each"
              .formatted(Arrays.toString(labels.shape()), Arrays.toString(logits.shape())));
    }
    return Functions.mse(
        tape,
        Functions.reshape(tape, logits, logits.elements()),
        Views.reshape(Ops.to(labels, logits.dtype()), labels.elements()));
  }

  @Override
  public PredictionCollector collector() {
    return new Collected();
  }

  private static final class Collected implements PredictionCollector {
    private double[] predicted = {};
    private double[] expected = {};

    @Override
    public void add(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
      predicted = joined(predicted, outputs.logits().toDoubles());
      expected = joined(expected, Losses.labels(batch, "labels").toDoubles());
    }

    private static double[] joined(double[] head, double[] tail) {
      double[] all = Arrays.copyOf(head, head.length + tail.length);
      System.arraycopy(tail, 0, all, head.length, tail.length);
      return all;
    }

    @Override
    public List<Predictions> predictions() {
      return List.of(new Predictions.Values(predicted, expected));
    }
  }

  @Override
  public List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    double[] values = outputs.logits().toDoubles();
    var answers = new ArrayList<Answer>();
    for (int start = 0; start < values.length; start += labels.size()) {
      var scores = new java.util.LinkedHashMap<String, Double>();
      for (int i = 0; i < labels.size(); i++) {
        scores.put(labels.get(i), values[start + i]);
      }
      answers.add(new Answer("%.4f".formatted(values[start]), values[start], scores));
    }
    return answers;
  }

  @Override
  public List<String> defaultMetrics() {
    return List.of("mse");
  }
}
