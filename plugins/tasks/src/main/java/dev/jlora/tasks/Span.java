package dev.jlora.tasks;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.data.Collator;
import dev.jlora.data.Example;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.ops.Ops;
import dev.jlora.spi.Answer;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The objective of extractive question answering: the start and the end of a span, each a choice
 * among the tokens.
 */
record Span() implements Objective {
  static final String START = "start_positions";
  static final String END = "end_positions";

  @Override
  public Tensor loss(Tape tape, Outputs outputs, Map<String, Tensor> batch, double labelSmoothing) {
    Tensor start = position(tape, outputs.get("start_logits"), batch, START, labelSmoothing);
    Tensor end = position(tape, outputs.get("end_logits"), batch, END, labelSmoothing);
    return Functions.scale(tape, Functions.add(tape, start, end), 0.5);
  }

  /** Positions outside the sequence (a truncated answer) are ignored. */
  private static Tensor position(
      Tape tape, Tensor logits, Map<String, Tensor> batch, String name, double smoothing) {
    Tensor positions = Views.reshape(Losses.labels(batch, name), logits.size(0));
    Tensor outside = Ops.ge(positions, Tensor.scalar(logits.size(1), DType.INT64));
    Tensor inside = Ops.maskedFill(Ops.clampMin(positions, 0), outside, Collator.IGNORED);
    return Losses.crossEntropy(tape, logits, inside, smoothing);
  }

  /** Number of rows whose answer is inside the sequence. */
  @Override
  public long weight(Map<String, Tensor> batch, int rows) {
    long length = batch.get("input_ids").size(1);
    return Math.max(inside(batch, START, length), inside(batch, END, length));
  }

  private static long inside(Map<String, Tensor> batch, String name, long length) {
    return Arrays.stream(Losses.labels(batch, name).toLongs())
        .filter(place -> place != Collator.IGNORED && place < length)
        .count();
  }

  /** The softmax over positions includes padding, as in transformers. */
  @Override
  public boolean readsPadding() {
    return true;
  }

  @Override
  public PredictionCollector collector() {
    return new SpanCollector();
  }

  /**
   * The text of the most probable span, and its position (code point) in the context; empty for no
   * answer.
   */
  @Override
  public List<Answer> answers(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    Tensor starts = outputs.get("start_logits");
    int length = Math.toIntExact(starts.size(1));
    double[] start = starts.toDoubles();
    double[] end = outputs.get("end_logits").toDoubles();
    var answers = new ArrayList<Answer>();
    for (int row = 0; row < examples.size(); row++) {
      Context context = examples.get(row).origin(Context.class);
      int offset = row * length + outputs.virtualTokens();
      answers.add(answer(SpanChoice.of(start, end, offset, context), context));
    }
    return answers;
  }

  private static Answer answer(SpanChoice choice, Context context) {
    String text = choice.text(context);
    var scores = new LinkedHashMap<String, Double>();
    scores.put(text, choice.probability());
    scores.putIfAbsent("", choice.noneProbability());
    if (choice.isNone()) {
      return new Answer("", choice.noneProbability(), scores);
    }
    int place = context.text().codePointCount(0, context.starts()[choice.first()]);
    return new Answer(
        text,
        choice.probability(),
        scores,
        List.of(new Answer.Part(place, text, "answer", choice.probability())));
  }

  /**
   * The most probable of the answers for the windows of a context; no answer if no window has one.
   */
  static Answer joined(List<Answer> windows) {
    Answer best =
        windows.stream()
            .filter(window -> !window.parts().isEmpty())
            .max(Comparator.comparingDouble(Answer::score))
            .orElse(windows.getFirst());
    double none = windows.stream().mapToDouble(window -> window.scores().get("")).min().orElse(0);
    var scores = new LinkedHashMap<>(best.scores());
    scores.put("", none);
    return best.parts().isEmpty()
        ? new Answer("", none, scores)
        : new Answer(best.label(), best.score(), scores, best.parts());
  }

  @Override
  public List<String> defaultMetrics() {
    return List.of("exact_match", "answer_f1");
  }
}
