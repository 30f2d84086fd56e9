package dev.jlora.tasks;

import dev.jlora.data.Example;
import dev.jlora.data.Row;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Predictions;
import dev.jlora.tensor.Tensor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects answers by their texts, and starts and ends as separate classes. If every row has an
 * answer, as in SQuAD 1.1, an answer is always predicted; if some have none, as in SQuAD 2.0, no
 * answer may be predicted.
 */
final class SpanCollector implements Objective.PredictionCollector {
  /** Keyed by the identity of rows. */
  private final Map<Row, Said> saidOf = new LinkedHashMap<>();

  private final IntList predicted = new IntList();
  private final IntList expected = new IntList();
  private int longest;

  /** The most probable span of a row with its score, and the score of no answer. */
  private record Said(String span, double score, double none, List<String> right) {

    /** The better of two windows; no answer only if no window has one. */
    Said or(Said other) {
      Said better = other.score > score ? other : this;
      return new Said(better.span, better.score, Math.min(none, other.none), right);
    }
  }

  @Override
  public void add(Outputs outputs, Map<String, Tensor> batch, List<Example> examples) {
    Tensor starts = outputs.get("start_logits");
    Tensor ends = outputs.get("end_logits");
    collect(starts, Losses.labels(batch, Span.START));
    collect(ends, Losses.labels(batch, Span.END));
    int length = Math.toIntExact(starts.size(1));
    double[] start = starts.toDoubles();
    double[] end = ends.toDoubles();
    for (int row = 0; row < examples.size(); row++) {
      Context context = examples.get(row).origin(Context.class);
      SpanChoice choice =
          SpanChoice.of(start, end, row * length + outputs.virtualTokens(), context);
      Said here = new Said(choice.text(context), choice.score(), choice.none(), context.answers());
      saidOf.merge(context.row(), here, Said::or);
    }
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
  public List<Predictions> predictions() {
    Collection<Said> said = saidOf.values();
    boolean mayBeNone = said.stream().anyMatch(one -> one.right().isEmpty());
    return List.of(
        new Predictions.Texts(
            said.stream()
                .map(one -> mayBeNone && one.none() > one.score() ? "" : one.span())
                .toList(),
            said.stream().map(one -> one.right().isEmpty() ? List.of("") : one.right()).toList()),
        new Predictions.Classes(longest, predicted.toArray(), expected.toArray()));
  }
}
