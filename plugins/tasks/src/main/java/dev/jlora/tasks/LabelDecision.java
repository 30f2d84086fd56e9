package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.LabelColumn;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.LabelLists;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TaskSpec.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Decides from the label column of the training rows what the job leaves open: single-label,
 * multi-label or regression, and the notation of label lists.
 *
 * <p>The rules consider the whole column, and values rather than types, so that a table and the
 * same rows as JSON mean the same:
 *
 * <ol>
 *   <li>lists: multi-label;
 *   <li>numbers, at least one with a fraction: regression;
 *   <li>numbers and one label name, or a head with one output: regression, as in transformers;
 *   <li>anything else: one class for each distinct value.
 * </ol>
 *
 * @param problem null if neither job nor rows determine it
 * @param labels the job's names, or those that follow from the decision; empty if there are none
 * @param lists null if the column contains no lists
 * @param reasons for the plan
 */
record LabelDecision(
    @Nullable Problem problem,
    List<String> labels,
    @Nullable LabelLists lists,
    List<String> reasons) {
  private static final String OTHERWISE = "; task.problem (--problem) overrides this";

  /**
   * Makes the decision.
   *
   * @param head the base model's configuration, if its head is kept with its labels
   * @throws dev.jlora.io.FormatException naming an ambiguous row
   */
  static LabelDecision of(
      TaskSpec spec, @Nullable ModelConfig head, @Nullable Dataset rows, ColumnsSpec columns) {
    if (rows == null || (spec.problem() != null && columns.label() == null)) {
      return new LabelDecision(spec.problem(), spec.labels(), columns.labelLists(), List.of());
    }
    String name = LabelNames.column(columns, TaskSpec.SEQUENCE_CLASSIFICATION);
    LabelColumn column = LabelColumn.of(rows, name);
    Problem problem = spec.problem();
    List<String> reasons = new ArrayList<>();
    if (problem == null) {
      problem = head == null ? guess(column, spec, name) : ofHead(head, column);
      if (head == null) {
        reasons.add(reason(problem, column, spec, name));
      }
    }
    int named = head != null ? head.numLabels() : spec.labels().size();
    return switch (problem) {
      case SINGLE_LABEL_CLASSIFICATION -> {
        column.refuseBlanks();
        yield new LabelDecision(problem, spec.labels(), columns.labelLists(), reasons);
      }
      case REGRESSION -> new LabelDecision(problem, spec.labels(), columns.labelLists(), reasons);
      case MULTI_LABEL_CLASSIFICATION ->
          several(spec, head, column, columns, named, new ArrayList<>(reasons));
    };
  }

  private static LabelDecision several(
      TaskSpec spec,
      @Nullable ModelConfig head,
      LabelColumn column,
      ColumnsSpec columns,
      int named,
      List<String> reasons) {
    LabelLists lists = columns.labelLists();
    if (lists == null && column.kind() == LabelColumn.Kind.LISTS) {
      lists = column.lists(named);
      reasons.add(
          "column '%s' has %s; data.columns.label_lists (--label-lists) overrides this"
              .formatted(
                  columns.label(),
                  lists == LabelLists.FLAGS
                      ? "lists of %d values from 0 to 1: one for each label"
                          .formatted(column.listLength())
                      : "lists of labels, by name or id"));
    }
    List<String> labels = spec.labels();
    if (named == 0 && head == null) {
      labels =
          lists == LabelLists.FLAGS
              ? IntStream.range(0, Math.max(0, column.listLength()))
                  .mapToObj(id -> "LABEL_" + id)
                  .toList()
              : column.names(/* several= */ true);
    }
    if (labels.isEmpty() && head == null) {
      throw new IllegalArgumentException(
          "Labels: got none from column '%s', whose lists differ in length; name them in task.labels"
                  .formatted(columns.label())
              + " (--labels)");
    }
    return new LabelDecision(Problem.MULTI_LABEL_CLASSIFICATION, labels, lists, reasons);
  }

  /**
   * The head's own problem type; if it has none, lists decide between single-label and multi-label.
   */
  private static Problem ofHead(ModelConfig head, LabelColumn column) {
    boolean several = head.problemType().isEmpty() && head.numLabels() > 1;
    return several && column.kind() == LabelColumn.Kind.LISTS
        ? Problem.MULTI_LABEL_CLASSIFICATION
        : SequenceClassification.problem(head);
  }

  private static Problem guess(LabelColumn column, TaskSpec spec, String name) {
    column.refuseMixtures();
    return switch (column.kind()) {
      case LISTS -> Problem.MULTI_LABEL_CLASSIFICATION;
      case FRACTIONS -> {
        if (spec.labels().size() > 1) {
          throw new IllegalArgumentException(
              "task.labels: got the names %s, but column '%s' has numbers with a fraction (%s), which"
                      .formatted(spec.labels(), name, column.fraction())
                  + " mean a regression with one output; leave the names out, or correct the"
                  + " column");
        }
        yield Problem.REGRESSION;
      }
      case WHOLE_NUMBERS ->
          spec.labels().size() == 1 ? Problem.REGRESSION : Problem.SINGLE_LABEL_CLASSIFICATION;
      case NAMES, BOOLEANS -> Problem.SINGLE_LABEL_CLASSIFICATION;
    };
  }

  private static String reason(Problem problem, LabelColumn column, TaskSpec spec, String name) {
    String found =
        switch (column.kind()) {
          case LISTS -> "lists";
          case FRACTIONS -> "numbers with a fraction (%s)".formatted(column.fraction());
          case WHOLE_NUMBERS ->
              problem == Problem.REGRESSION
                  ? "whole numbers, and there is one label name"
                  : "whole numbers, %d different ones".formatted(column.names(false).size());
          case BOOLEANS -> "true and false";
          case NAMES ->
              spec.labels().isEmpty()
                  ? "%d different names".formatted(column.names(false).size())
                  : "names";
        };
    return "column '%s' has %s: %s%s".formatted(name, found, problem.text(), OTHERWISE);
  }
}
