package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Labels;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TaskSpec.Problem;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Purpose;
import dev.jlora.spi.Task;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One label, several labels or a number for a text or a pair of texts. */
final class SequenceClassification implements Task {
  private static final int LOOKED_AT = 1000;

  @Override
  public String name() {
    return TaskSpec.SEQUENCE_CLASSIFICATION;
  }

  @Override
  public String peftTaskType() {
    return "SEQ_CLS";
  }

  @Override
  public ModelConfig configure(
      ModelConfig config,
      TaskSpec spec,
      boolean keepLabels,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    Problem problem = spec.problem();
    if (problem == null) {
      boolean known = keepLabels && spec.labels().isEmpty();
      problem = known || dataset == null ? problem(config) : guess(dataset, columns);
    }
    List<String> labels =
        problem == Problem.REGRESSION && spec.labels().isEmpty() && !keepLabels
            ? List.of("value")
            : LabelNames.settle(config, spec, keepLabels, dataset, columns);
    if (problem == Problem.SINGLE_LABEL_CLASSIFICATION && labels.size() < 2) {
      throw new IllegalArgumentException(
          "Labels: got only %s, expected two or more to tell apart; check column '%s' of the data"
              .formatted(labels, columns.label()));
    }
    return config.withLabels(labels).with("problem_type", problem.text());
  }

  /** transformers' rule: what the configuration says, else one output means a number. */
  private static Problem problem(ModelConfig config) {
    if (config.problemType().isEmpty()) {
      return config.numLabels() == 1 ? Problem.REGRESSION : Problem.SINGLE_LABEL_CLASSIFICATION;
    }
    String text = config.problemType().get();
    for (Problem problem : Problem.values()) {
      if (problem.text().equals(text)) {
        return problem;
      }
    }
    throw new IllegalArgumentException(
        "%s: got problem_type '%s', expected single_label_classification, multi_label_classification"
                .formatted(config.source(), text)
            + " or regression");
  }

  /** Lists of labels mean several; numbers with a fraction mean a regression. */
  private static Problem guess(Dataset dataset, ColumnsSpec columns) {
    String column = LabelNames.column(columns, TaskSpec.SEQUENCE_CLASSIFICATION);
    for (int i = 0; i < Math.min(dataset.size(), LOOKED_AT); i++) {
      Object value = dataset.row(i).value(column);
      if (value instanceof List<?>) {
        return Problem.MULTI_LABEL_CLASSIFICATION;
      }
      if (value instanceof Number number && number.doubleValue() % 1 != 0) {
        return Problem.REGRESSION;
      }
    }
    return Problem.SINGLE_LABEL_CLASSIFICATION;
  }

  @Override
  public Objective objective(ModelConfig config, @Nullable TextEncoder text) {
    List<String> labels = LabelNames.of(config);
    return switch (problem(config)) {
      case SINGLE_LABEL_CLASSIFICATION -> new SingleLabel(labels);
      case MULTI_LABEL_CLASSIFICATION -> new MultiLabel(labels);
      case REGRESSION -> new Regression(labels);
    };
  }

  @Override
  public ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, Purpose purpose) {
    Labels labels = Labels.of(LabelNames.of(config));
    Problem problem = problem(config);
    return rows ->
        Texts.examples(
            rows,
            text,
            columns,
            false,
            (row, encoded) ->
                Texts.example(
                    row,
                    encoded,
                    purpose.labelled() ? target(row, labels, problem, columns) : Target.NONE));
  }

  private static Target target(Row row, Labels labels, Problem problem, ColumnsSpec columns) {
    String column =
        LabelNames.column(columns, problem.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    return switch (problem) {
      case SINGLE_LABEL_CLASSIFICATION -> new Target.ClassId(labels.id(row, column));
      case MULTI_LABEL_CLASSIFICATION -> new Target.MultiHot(labels.multiHot(row, column));
      case REGRESSION -> new Target.Score((float) row.number(column));
    };
  }
}
