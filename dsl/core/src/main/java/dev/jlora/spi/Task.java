package dev.jlora.spi;

import dev.jlora.data.Collator;
import dev.jlora.data.Dataset;
import dev.jlora.data.ExampleEncoder;
import dev.jlora.data.Row;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A task that models are trained for, bound by a plugin under its name. */
@PartKind("task")
public interface Task {

  /** The name in jobs, such as {@code sequence-classification}. */
  String name();

  /** PEFT's {@code task_type} ({@code SEQ_CLS}); null if PEFT has none. */
  @Nullable String peftTaskType();

  /**
   * Whether the model's head is trained in full and saved with an adapter although {@link
   * #peftTaskType} does not imply it. In PEFT, such a head is named in {@code modules_to_save}.
   */
  default boolean trainsHead() {
    return false;
  }

  /**
   * The configuration of the model to train, with labels and problem type; for a task without
   * labels, that of the base model.
   *
   * @param config the base model's
   * @param spec the job's settings of the task
   * @param keepLabels whether the base model has a head for this task, whose labels are kept unless
   *     the job names others
   * @param dataset rows to collect label names from if neither job nor model names any; null if
   *     there are none
   */
  default ModelConfig configure(
      ModelConfig config,
      TaskSpec spec,
      boolean keepLabels,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    return config;
  }

  /**
   * The settings that a job left open, as decided for a run.
   *
   * @param config the configuration of the model to train
   * @param columns the job's columns, including what was decided about them
   * @param reasons the decisions made from the data and their reasons, one sentence each, for the
   *     plan
   */
  record Settled(ModelConfig config, ColumnsSpec columns, List<String> reasons) {}

  /**
   * Decides what a job leaves open, such as whether a column of numbers contains classes. A task
   * that decides nothing from rows implements only {@link #configure}, whose parameters are the
   * same.
   *
   * @throws dev.jlora.io.FormatException naming a row, if the data are ambiguous
   */
  default Settled settle(
      ModelConfig config,
      TaskSpec spec,
      boolean keepLabels,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    return new Settled(configure(config, spec, keepLabels, dataset, columns), columns, List.of());
  }

  /**
   * Whether the spec leaves nothing for {@link #settle} to decide from rows, as in the job of a
   * finished run. The model can then be evaluated without its training rows.
   */
  default boolean isSettled(TaskSpec spec) {
    return !spec.labels().isEmpty();
  }

  /**
   * The loss, predictions and metrics for a model with this settled configuration.
   *
   * @param text decodes tokens for answers; null if no answers will be requested
   */
  Objective objective(ModelConfig config, @Nullable TextEncoder text);

  /**
   * Creates the encoder of rows.
   *
   * @param purpose whether targets are encoded, and which columns are kept
   */
  ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, EncodingMode purpose);

  /**
   * A check of a row for training or evaluation: that its columns exist and its labels are known
   * and of the right type. Every row of a job is checked before any weights are read, so the check
   * must be cheap; it throws a {@link dev.jlora.io.FormatException} naming the row. By default
   * nothing is checked, and encoding an invalid row fails.
   */
  default Consumer<Row> rowCheck(ModelConfig config, ColumnsSpec columns) {
    return _ -> {};
  }

  /** How texts are truncated; question answering, for instance, keeps the question whole. */
  default TextOptions textOptions() {
    return TextOptions.DEFAULT;
  }

  /**
   * Rearranges the rows for training or evaluation; causal language modelling joins texts and cuts
   * them into blocks. Not called for predictions.
   */
  default Dataset arrange(Dataset rows, TextEncoder text, DataSpec data) {
    return rows;
  }

  /**
   * Splits each row that is too long for the model into parts that are predicted separately; by
   * default, each row is its only part.
   */
  default List<List<Row>> parts(List<Row> rows, TextEncoder text, DataSpec data) {
    return rows.stream().map(List::of).toList();
  }

  /** Combines the answers for the {@link #parts} of a row. */
  default Answer joined(List<Answer> parts) {
    return parts.getFirst();
  }

  /** Extends the padding collator; masked language modelling masks tokens here. */
  default Collator collator(Collator padding, TextEncoder text, long seed) {
    return padding;
  }

  /**
   * Random targets for benchmarked or planned steps without data: the entries of a batch in
   * addition to the model's inputs. By default, one class per row.
   *
   * @param config the settled configuration of the model to train
   * @param batch creates the tensors
   */
  default Map<String, Tensor> randomTargets(ModelConfig config, RandomBatch batch) {
    return Map.of("labels", batch.idPerRow(config.numLabels()));
  }
}
