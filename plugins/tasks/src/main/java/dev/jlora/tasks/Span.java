package dev.jlora.tasks;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Outputs;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Judgements;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Extractive answers: where a span starts and where it ends, each a choice among the tokens. */
record Span() implements Objective {
  static final String START = "start_positions";
  static final String END = "end_positions";
  private static final int LONGEST = 30;

  @Override
  public Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
    Tensor start = position(tape, outputs.get("start_logits"), batch, START, labelSmoothing);
    Tensor end = position(tape, outputs.get("end_logits"), batch, END, labelSmoothing);
    return Functions.scale(tape, Functions.add(tape, start, end), 0.5);
  }

  /** Positions outside the sequence (an answer cut off by truncation) do not count. */
  private static Tensor position(
      Tape tape, Tensor logits, Map<String, Tensor> batch, String name, double smoothing) {
    Tensor positions = Views.reshape(Losses.labels(batch, name), logits.size(0));
    long[] places = positions.toLongs();
    for (int i = 0; i < places.length; i++) {
      places[i] = places[i] >= logits.size(1) ? Losses.IGNORED : Math.max(0, places[i]);
    }
    Tensor inside = Tensor.of(places, places.length);
    return Losses.crossEntropy(tape, logits, inside, smoothing);
  }

  @Override
  public Judge judge() {
    return new Collected();
  }

  /** Judges starts and ends as classes, each for itself. */
  private static final class Collected implements Judge {
    private final IntList predicted = new IntList();
    private final IntList expected = new IntList();
    private int longest;

    @Override
    public void add(Outputs outputs, Map<String, Tensor> batch) {
      collect(outputs.get("start_logits"), Losses.labels(batch, START));
      collect(outputs.get("end_logits"), Losses.labels(batch, END));
    }

    private void collect(Tensor logits, Tensor positions) {
      longest = Math.max(longest, Math.toIntExact(logits.size(1)));
      int[] answers = Rows.largest(logits);
      long[] places = positions.toLongs();
      for (int i = 0; i < places.length; i++) {
        if (places[i] >= 0 && places[i] < logits.size(1)) {
          predicted.add(answers[i]);
          expected.add(Math.toIntExact(places[i]));
        }
      }
    }

    @Override
    public Judgements judgements() {
      return new Judgements.Classes(longest, predicted.toArray(), expected.toArray());
    }
  }

  @Override
  public List<Answer> answers(Outputs outputs, Map<String, Tensor> batch) {
    Tensor starts = outputs.get("start_logits");
    int length = Math.toIntExact(starts.size(1));
    double[] start = Rows.probabilities(starts);
    double[] end = Rows.probabilities(outputs.get("end_logits"));
    var answers = new ArrayList<Answer>();
    for (int row = 0; row < starts.size(0); row++) {
      answers.add(best(start, end, row * length, length));
    }
    return answers;
  }

  private static Answer best(double[] start, double[] end, int offset, int length) {
    int from = 0;
    int to = 0;
    double score = -1;
    for (int i = 0; i < length; i++) {
      for (int j = i; j < Math.min(length, i + LONGEST); j++) {
        double product = start[offset + i] * end[offset + j];
        if (product > score) {
          score = product;
          from = i;
          to = j;
        }
      }
    }
    return new Answer(
        from + ".." + to,
        score,
        Map.of(),
        List.of(
            new Answer.Part(from, "start", start[offset + from]),
            new Answer.Part(to, "end", end[offset + to])));
  }

  @Override
  public List<String> defaultMetrics() {
    return List.of("accuracy");
  }
}
