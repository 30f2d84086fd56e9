package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.Labels;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Determines label names: the job's, else those of the base model's head, else those of the data.
 */
final class LabelNames {
  private LabelNames() {}

  static List<String> settle(
      ModelConfig config,
      TaskSpec spec,
      boolean keep,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    if (!spec.labels().isEmpty()) {
      return spec.labels();
    }
    if (keep && !config.labels().isEmpty()) {
      return config.labels();
    }
    if (dataset != null && columns.label() != null) {
      return Labels.collect(dataset, columns.label()).names();
    }
    return of(config);
  }

  /** The names in a configuration, or numbered names if it has none. */
  static List<String> of(ModelConfig config) {
    if (!config.labels().isEmpty()) {
      return config.labels();
    }
    var names = new ArrayList<String>();
    for (int id = 0; id < config.numLabels(); id++) {
      names.add("LABEL_" + id);
    }
    return names;
  }

  /** The label column, which the task requires. */
  static String column(ColumnsSpec columns, String task) {
    String column = columns.label();
    if (column == null) {
      throw new IllegalArgumentException(
          "%s: got no label column, expected its name in data.columns.label".formatted(task));
    }
    return column;
  }
}
