package dev.jlora.engine.jobs;

import dev.jlora.data.Dataset;
import dev.jlora.data.Labels;
import dev.jlora.data.Row;
import dev.jlora.io.Amount;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.DataSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a resolved job: those of its files, restricted to its labels if it sets {@code
 * only_labels}.
 */
public final class JobRows {
  private final DataSpec data;
  private final RowFiles files;
  private final List<String> labels;

  private JobRows(DataSpec data, RowFiles files, List<String> labels) {
    this.data = data;
    this.files = files;
    this.labels = labels;
  }

  public static JobRows of(ResolvedJob job) {
    DataSpec data = job.job().data();
    return new JobRows(data, new RowFiles(job.plugins(), data), job.config().labels());
  }

  /** The rows of evaluations during training; null if the job has none. */
  public @Nullable Dataset validation() {
    return kept(files.validation(), data.validationLimit());
  }

  /** The rows of the final evaluation; null if the job has none. */
  public @Nullable Dataset test() {
    return kept(files.test(), data.testLimit());
  }

  private @Nullable Dataset kept(@Nullable Dataset rows, @Nullable Integer limit) {
    return rows == null || !data.onlyLabels() ? rows : withLabels(rows, labels, data, limit);
  }

  /**
   * The training rows.
   *
   * @param notes receives a remark if rows were left out
   */
  static Dataset toTrain(Dataset all, ModelConfig config, DataSpec data, List<String> notes) {
    if (!data.onlyLabels()) {
      return all;
    }
    Dataset kept = withLabels(all, config.labels(), data, data.trainLimit());
    notes.add(
        "%s: kept %,d of %s, those with the labels %s"
            .formatted(
                all.name(),
                kept.size(),
                Amount.of(all.size(), "row"),
                Plan.shown(config.labels())));
    return kept;
  }

  /** Rows with one of these labels, up to the limit. */
  private static Dataset withLabels(
      Dataset rows, List<String> names, DataSpec data, @Nullable Integer limit) {
    String column = data.columns().label();
    if (column == null) {
      throw new IllegalArgumentException(
          "data.only_labels: got true without a label column, expected both");
    }
    Labels labels = Labels.of(names);
    List<Row> kept =
        IntStream.range(0, rows.size())
            .mapToObj(rows::row)
            .filter(row -> labels.knows(row, column))
            .toList();
    if (kept.isEmpty()) {
      throw new FormatException(
          rows.name(),
          "has no row with one of the labels %s.".formatted(names),
          "Check the labels of the task, or take only_labels out.");
    }
    Dataset all = Dataset.of(rows.name(), kept);
    return limit == null ? all : all.limit(limit);
  }
}
