package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Labels;
import dev.jlora.data.Row;
import dev.jlora.data.Target;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TaskSpec.Problem;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.Objective;
import dev.jlora.spi.RandomBatch;
import dev.jlora.spi.Task;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sequence classification: one label, several labels or a number for a text or a pair of texts. */
final class SequenceClassification implements Task {
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
    return settle(config, spec, keepLabels, dataset, columns).config();
  }

  @Override
  public Settled settle(
      ModelConfig config,
      TaskSpec spec,
      boolean keepLabels,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    boolean known = keepLabels && spec.labels().isEmpty();
    LabelDecision decision = LabelDecision.of(spec, known ? config : null, dataset, columns);
    Problem problem = decision.problem() == null ? problem(config) : decision.problem();
    List<String> labels = decision.labels();
    if (labels.isEmpty()) {
      labels =
          problem == Problem.REGRESSION && !keepLabels
              ? List.of("value")
              : LabelNames.settle(config, spec, keepLabels, dataset, columns);
    }
    if (problem == Problem.SINGLE_LABEL_CLASSIFICATION && labels.size() < 2) {
      throw new IllegalArgumentException(
          "Labels: got only %s, expected two or more to tell apart; check column '%s' of the data"
              .formatted(labels, columns.label()));
    }
    return new Settled(
        config.withLabels(labels).with("problem_type", problem.text()),
        columns.withLabelLists(decision.lists()),
        decision.reasons());
  }

  @Override
  public boolean isSettled(TaskSpec spec) {
    return !spec.labels().isEmpty() && spec.problem() != null;
  }

  /** transformers' rule: the configuration's problem type, else one output means regression. */
  static Problem problem(ModelConfig config) {
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
  public Map<String, Tensor> randomTargets(ModelConfig config, RandomBatch batch) {
    return Map.of(
        "labels",
        switch (problem(config)) {
          case SINGLE_LABEL_CLASSIFICATION -> batch.idPerRow(config.numLabels());
          case MULTI_LABEL_CLASSIFICATION -> batch.ones(config.numLabels());
          case REGRESSION -> batch.ones();
        });
  }

  @Override
  public ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, EncodingMode purpose) {
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

  @Override
  public Consumer<Row> rowCheck(ModelConfig config, ColumnsSpec columns) {
    Labels labels = Labels.of(LabelNames.of(config));
    Problem problem = problem(config);
    return row -> {
      Texts.check(row, columns);
      target(row, labels, problem, columns);
    };
  }

  private static Target target(Row row, Labels labels, Problem problem, ColumnsSpec columns) {
    String column =
        LabelNames.column(columns, problem.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    return switch (problem) {
      case SINGLE_LABEL_CLASSIFICATION -> new Target.ClassId(labels.id(row, column));
      case MULTI_LABEL_CLASSIFICATION ->
          new Target.MultiHot(labels.multiHot(row, column, columns.labelLists()));
      case REGRESSION -> new Target.Score(score(row, column));
    };
  }

  private static float score(Row row, String column) {
    float score = (float) row.number(column);
    if (!Float.isFinite(score)) {
      throw new FormatException(
          row.where(),
          "column '%s' is %s, which is beyond a 32-bit float.".formatted(column, row.value(column)),
          "Scale the numbers, or drop the row.");
    }
    return score;
  }
}
