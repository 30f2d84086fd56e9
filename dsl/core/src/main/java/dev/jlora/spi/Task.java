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

/** A kind of job a model is trained for. Plugins bind it by its name. */
@PartKind("task")
public interface Task {

  /** The name a job uses, such as {@code sequence-classification}. */
  String name();

  /** What PEFT calls it in {@code adapter_config.json} ({@code SEQ_CLS}), or null. */
  @Nullable String peftTaskType();

  /**
   * Whether the model's head is trained in full and saved with an adapter, although {@link
   * #peftTaskType} does not say so: where PEFT has no task type, its users name the head in {@code
   * modules_to_save}.
   */
  default boolean trainsHead() {
    return false;
  }

  /**
   * The configuration of the model to train: labels and problem settled. That of the base model
   * where a task knows no labels.
   *
   * @param config the base model's
   * @param spec what the job says
   * @param keepLabels whether the base model has a head for this very task, whose labels hold
   *     unless the job names others
   * @param dataset rows to take label names from where nobody names any; null if there are none
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
   * A job's open questions, answered for the whole of a run.
   *
   * @param config the configuration of the model to train
   * @param columns the job's, with what was decided about them
   * @param reasons what was decided from the data and why, a sentence each, for the plan
   */
  record Settled(ModelConfig config, ColumnsSpec columns, List<String> reasons) {}

  /**
   * Answers what a job leaves open, such as whether a column of numbers holds classes. A task that
   * decides nothing from rows implements {@link #configure} alone; the parameters are the same.
   *
   * @throws dev.jlora.io.FormatException naming a row, if the data cannot decide
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
   * Loss, judgement and answers for a model of that (settled) configuration.
   *
   * @param text names tokens in answers; null if no answer will be asked for
   */
  Objective objective(ModelConfig config, @Nullable TextEncoder text);

  /**
   * How rows become examples.
   *
   * @param purpose whether targets are wanted, and what is to be looked up later
   */
  ExampleEncoder encoder(
      ModelConfig config, TextEncoder text, ColumnsSpec columns, EncodingMode purpose);

  /**
   * Checks rows that are to be learnt from or judged by: that their columns are there and their
   * labels known and of the right type. Every row of a job is checked before a weight is read, so
   * nothing expensive belongs here; the check throws a {@link dev.jlora.io.FormatException} naming
   * the row. Without one, a row that does not fit is found when it is encoded.
   */
  default Consumer<Row> rowCheck(ModelConfig config, ColumnsSpec columns) {
    return _ -> {};
  }

  /** How its text is cut; a question, for one, is needed whole. */
  default TextOptions textOptions() {
    return TextOptions.DEFAULT;
  }

  /**
   * The rows to learn or be judged on, in the order and cut that the task wants; a causal language
   * model joins texts and cuts them into blocks. Not called for predictions.
   */
  default Dataset arrange(Dataset rows, TextEncoder text, DataSpec data) {
    return rows;
  }

  /**
   * The parts that each row is answered in, where it is too long to be seen as a whole; the row
   * itself unless a task does otherwise.
   */
  default List<List<Row>> parts(List<Row> rows, TextEncoder text, DataSpec data) {
    return rows.stream().map(List::of).toList();
  }

  /** The answer for a row, of those for its parts. */
  default Answer joined(List<Answer> parts) {
    return parts.getFirst();
  }

  /** What is done to a batch beside padding; a masked language model hides tokens here. */
  default Collator collator(Collator padding, TextEncoder text, long seed) {
    return padding;
  }

  /**
   * Random targets, for steps that are measured or planned without data: what a batch has beside
   * the model's inputs. A class for each row unless a task says otherwise.
   *
   * @param config of the model to train, labels and problem settled
   * @param batch makes the tensors
   */
  default Map<String, Tensor> randomTargets(ModelConfig config, RandomBatch batch) {
    return Map.of("labels", batch.idPerRow(config.numLabels()));
  }
}
