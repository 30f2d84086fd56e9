package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.Encoded;
import dev.jlora.data.Example;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Purpose;
import dev.jlora.spi.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finding the answer to a question in a context: question in the text column, context in the second
 * one, the right answers in the label column ({@link GoldAnswers}). A column {@code answer_start}
 * says where in the context the first begins; without one the first occurrence counts. An empty
 * answer, or one that was cut off, is the first token. A pair that is too long loses the end of its
 * context.
 */
final class QuestionAnswering implements Task {
  private static final Target.Span NO_ANSWER = new Target.Span(0, 0);

  @Override
  public String name() {
    return TaskSpec.QUESTION_ANSWERING;
  }

  @Override
  public String peftTaskType() {
    return "QUESTION_ANS";
  }

  @Override
  public ModelConfig configure(
      ModelConfig config,
      TaskSpec spec,
      boolean keepLabels,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    return config;
  }

  @Override
  public TextOptions textOptions() {
    return TextOptions.DEFAULT.withCut(TextOptions.Cut.ONLY_SECOND);
  }

  @Override
  public Objective objective(ModelConfig config, @Nullable TextEncoder text) {
    return new Span();
  }

  @Override
  public ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, Purpose purpose) {
    String context = columns.textPair();
    if (context == null) {
      throw new IllegalArgumentException(
          "question-answering: got no column for the context, expected its name in"
              + " data.columns.text_pair (the question is in data.columns.text); a question alone"
              + " cannot be answered, rows of a file can");
    }
    String answers = purpose.labelled() ? LabelNames.column(columns, name()) : "";
    return rows ->
        Texts.examples(
            rows,
            text,
            columns,
            true,
            (row, encoded) -> {
              GoldAnswers gold =
                  purpose.labelled()
                      ? GoldAnswers.of(row, answers)
                      : new GoldAnswers(List.of(), -1);
              Target target =
                  purpose.labelled()
                      ? target(row, encoded.details(), row.text(context), gold)
                      : Target.NONE;
              Example example = Texts.example(row, encoded, target);
              return purpose == Purpose.LEARN
                  ? example
                  : example.withOrigin(
                      Context.of(row.text(context), encoded.details(), gold.texts()));
            });
  }

  private static Target target(Row row, Encoded.Details details, String context, GoldAnswers gold) {
    if (gold.texts().isEmpty()) {
      return NO_ANSWER;
    }
    int start = start(row, context, gold);
    int end = start + gold.texts().getFirst().length();
    int first = -1;
    int last = -1;
    for (int token = 0; token < details.starts().length; token++) {
      boolean inside =
          details.sequenceIds()[token] == 1
              && details.starts()[token] < end
              && details.ends()[token] > start;
      if (inside) {
        first = first < 0 ? token : first;
        last = token;
      }
    }
    boolean whole = first >= 0 && details.starts()[first] <= start && details.ends()[last] >= end;
    return whole ? new Target.Span(first, last) : NO_ANSWER;
  }

  private static int start(Row row, String context, GoldAnswers gold) {
    String answer = gold.texts().getFirst();
    int start = gold.start() >= 0 ? gold.start() : context.indexOf(answer);
    if (start < 0 || !context.startsWith(answer, start)) {
      throw new FormatException(
          row.where(),
          "has the answer '%s', which is not in its context%s."
              .formatted(answer, gold.start() >= 0 ? " at answer_start " + start : ""),
          "Correct or drop the row; an answer is copied from its context letter by letter.");
    }
    return start;
  }
}
