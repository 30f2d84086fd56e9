package dev.jlora.engine;

import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.spec.JobSpec;
import java.nio.file.Path;

/** Makes one model of a base and its adapter: a Hugging Face folder that needs neither. */
public final class Merger {
  private final Plugins plugins;

  public Merger(Plugins plugins) {
    this.plugins = plugins;
  }

  /**
   * Merges, and writes configuration, tokenizer files and weights.
   *
   * @param job the job the adapter was trained by, labels settled: {@link Engine#job}
   * @param adapter the folder of the adapter
   * @param target the folder to write, which must not hold a model yet
   * @param overwrite whether it may
   * @return {@code target}
   * @throws dev.jlora.io.FormatException if {@code target} holds a model and may not be
   *     overwritten, or is the folder of the base model or of an adapter, whatever {@code
   *     overwrite} says
   */
  public Path merge(JobSpec job, Path adapter, Path target, boolean overwrite) {
    Workpiece work = Workpiece.withoutRows(plugins, job);
    OutputFolder.refuseModel(target, Path.of(job.model().path()));
    if (TrainedWeights.isAdapter(target)) {
      throw new FormatException(
          target, "holds an adapter.", "Choose another folder, such as a new one inside it.");
    }
    if (TrainedWeights.isWholeModel(target) && !overwrite) {
      throw new FormatException(
          target, "holds a model already.", "Choose another folder, or overwrite to replace it.");
    }
    try (LoadedModel model = work.load()) {
      TrainedWeights.load(plugins, adapter, model.network()).merge();
      new WholeModelFiles(model.network(), work.config(), work.folder()).save(target);
    }
    return target;
  }
}
