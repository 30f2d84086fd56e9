package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.Example;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Answer;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.Objective;
import dev.jlora.spi.RandomBatch;
import dev.jlora.spi.Task;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Extractive question answering: the question is in the text column, the context in the second one,
 * the right answers in the label column ({@link GoldAnswers}). A column {@code answer_start} gives
 * the position (code point) of the first answer in the context; without it the first occurrence is
 * used. An empty answer, or one that was truncated, is represented by the first token. Truncation
 * removes the end of the context.
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
  public TextOptions textOptions() {
    return TextOptions.DEFAULT.withCut(TextOptions.Cut.ONLY_SECOND);
  }

  @Override
  public boolean isSettled(TaskSpec spec) {
    return true; // there are no labels
  }

  @Override
  public Objective objective(ModelConfig config, @Nullable TextEncoder text) {
    return new Span();
  }

  @Override
  public Map<String, Tensor> randomTargets(ModelConfig config, RandomBatch batch) {
    Tensor starts = batch.idPerRow(batch.length());
    return Map.of("start_positions", starts, "end_positions", batch.idPerRow(batch.length()));
  }

  @Override
  public ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, EncodingMode purpose) {
    String context = context(columns);
    String answers = purpose.labelled() ? LabelNames.column(columns, name()) : "";
    return rows ->
        Texts.examples(
            rows,
            rows.stream().map(row -> row.text(question(columns))).toList(),
            rows.stream().map(row -> seen(row, context)).toList(),
            text,
            true,
            (row, encoded) -> {
              GoldAnswers gold =
                  purpose.labelled()
                      ? GoldAnswers.of(row, answers)
                      : new GoldAnswers(List.of(), -1);
              Context origin =
                  Context.of(
                      Window.of(row, context), row.text(context), encoded.details(), gold.texts());
              Target target = purpose.labelled() ? target(row, origin, gold) : Target.NONE;
              Example example = Texts.example(row, encoded, target);
              return purpose == EncodingMode.TRAIN ? example : example.withOrigin(origin);
            });
  }

  @Override
  public Consumer<Row> rowCheck(ModelConfig config, ColumnsSpec columns) {
    String context = context(columns);
    String question = question(columns);
    String answers = LabelNames.column(columns, name());
    return row -> {
      row.text(question);
      String text = row.text(context);
      GoldAnswers gold = GoldAnswers.of(row, answers);
      if (!gold.texts().isEmpty()) {
        start(row, text, gold);
      }
    };
  }

  private static String context(ColumnsSpec columns) {
    if (columns.textPair() == null) {
      throw new IllegalArgumentException(
          "question-answering: got no column for the context, expected its name in"
              + " data.columns.text_pair (the question is in data.columns.text); a question alone"
              + " cannot be answered, rows of a file can");
    }
    return columns.textPair();
  }

  private static String question(ColumnsSpec columns) {
    if (columns.text() == null) {
      throw new IllegalArgumentException(
          "question-answering: got no column for the question, expected its name in"
              + " data.columns.text");
    }
    return columns.text();
  }

  private static String seen(Row row, String context) {
    Window window = Window.of(row, context);
    return row.text(context).substring(window.from(), window.to());
  }

  /** Splits rows with long contexts into windows if the job requests it. */
  @Override
  public Dataset arrange(Dataset rows, TextEncoder text, DataSpec data) {
    if (data.docStride() == null) {
      return rows;
    }
    List<Row> all = IntStream.range(0, rows.size()).mapToObj(rows::row).toList();
    return Dataset.of(rows.name(), parts(all, text, data).stream().flatMap(List::stream).toList());
  }

  @Override
  public List<List<Row>> parts(List<Row> rows, TextEncoder text, DataSpec data) {
    String context = data.columns().textPair();
    return data.docStride() == null || context == null
        ? Task.super.parts(rows, text, data)
        : new Windows(text, data.docStride()).of(rows, question(data.columns()), context);
  }

  /** The most probable answer of all windows. */
  @Override
  public Answer joined(List<Answer> parts) {
    return Span.joined(parts);
  }

  private static Target target(Row row, Context context, GoldAnswers gold) {
    if (gold.texts().isEmpty()) {
      return NO_ANSWER;
    }
    int start = start(row, context.text(), gold);
    int end = start + gold.texts().getFirst().length();
    return context.span(start, end).orElse(NO_ANSWER);
  }

  private static int start(Row row, String context, GoldAnswers gold) {
    String answer = gold.texts().getFirst();
    int start = gold.firstChar(context);
    if (start < 0) {
      boolean utf16 = gold.start() >= 0 && context.startsWith(answer, gold.start());
      throw new FormatException(
          row.where(),
          "has the answer '%s', which is not in its context%s."
              .formatted(answer, gold.start() >= 0 ? " at answer_start " + gold.start() : ""),
          utf16
              ? "answer_start counts characters (code points), as SQuAD's files and Python do; this"
                  + " one counts the UTF-16 units of Java and JavaScript."
              : "Correct or drop the row; an answer is copied from its context letter by letter.");
    }
    return start;
  }
}
