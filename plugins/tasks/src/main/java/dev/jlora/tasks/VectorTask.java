package dev.jlora.tasks;

import dev.jlora.data.Dataset;
import dev.jlora.data.TextEncoder;
import dev.jlora.io.ModelConfig;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Task;
import org.jspecify.annotations.Nullable;

/** Common part of the tasks that compute one vector per row. */
interface VectorTask extends Task {

  /** Computes the vectors; there is no loss. */
  Objective vectors();

  @Override
  default String peftTaskType() {
    return "FEATURE_EXTRACTION";
  }

  /** Labels matter only for a head that comes with the adapter and must have its size. */
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
