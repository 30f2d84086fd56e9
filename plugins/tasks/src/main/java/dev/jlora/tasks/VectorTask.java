package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Task;
import org.jspecify.annotations.Nullable;

/** What the tasks that give a vector for each row have in common, whatever the row holds. */
interface VectorTask extends Task {

  /** Makes the vectors; there is no loss. */
  Objective vectors();

  @Override
  default String peftTaskType() {
    return "FEATURE_EXTRACTION";
  }

  /** Labels matter only to a head that comes with the adapter, and has to have its size. */
  @Override
  default ModelConfig configure(
      ModelConfig config,
      TaskSpec spec,
      boolean keepLabels,
      @Nullable Dataset dataset,
      ColumnsSpec columns) {
    return spec.labels().isEmpty() ? config : config.withLabels(spec.labels());
  }

  @Override
  default Objective objective(ModelConfig config, @Nullable TextEncoder text) {
    return vectors();
  }
}
