package dev.jlora.tasks;

import dev.jlora.data.Example;
import dev.jlora.model.Outputs;
import dev.jlora.spi.Judgements;
import dev.jlora.spi.Objective;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Judges answers by their texts, and starts and ends as classes, each for itself. Where every row
 * has an answer, as in SQuAD 1.1, one is always given; where some have none, as in SQuAD 2.0, the
 * model may say so.
 */
final class SpanJudge implements Objective.Judge {
  private final List<Said> said = new ArrayList<>();
  private final IntList predicted = new IntList();
  private final IntList expected = new IntList();
  private int longest;

  /** The likeliest span, and whether none is likelier. */
  private record Said(String span, boolean none, List<String> right) {}

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
      SpanChoice choice = SpanChoice.of(start, end, row * length, context);
      said.add(new Said(choice.text(context), choice.isNone(), context.answers()));
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
  public List<Judgements> judgements() {
    boolean mayBeNone = said.stream().anyMatch(one -> one.right().isEmpty());
    return List.of(
        new Judgements.Texts(
            said.stream().map(one -> mayBeNone && one.none() ? "" : one.span()).toList(),
            said.stream().map(one -> one.right().isEmpty() ? List.of("") : one.right()).toList()),
        new Judgements.Classes(longest, predicted.toArray(), expected.toArray()));
  }
}
