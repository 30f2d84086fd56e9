package dev.jlora.engine;

import dev.jlora.engine.adapters.CertifiedMerge;
import dev.jlora.engine.adapters.MergeCertificate;
import dev.jlora.engine.adapters.MergedModel;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.runs.ModelState;
import dev.jlora.engine.runs.RunFolder;
import dev.jlora.engine.runs.StagedFiles;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.WeightFiles;
import dev.jlora.spec.JobSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Merges a base model and its adapter into a Hugging Face folder that needs neither. */
public final class Merger {
  private static final String UNFINISHED = RunFolder.UNFINISHED + "merge";

  private final Plugins plugins;

  public Merger(Plugins plugins) {
    this.plugins = plugins;
  }

  /**
   * Merges, and writes configuration, tokenizer files and weights. They replace a sharded model in
   * the target folder.
   *
   * @param job the job the adapter was trained by, with resolved labels: {@link Engine#job}
   * @param adapter the folder of the adapter
   * @param target the folder to write, which must not contain a model
   * @param overwrite whether it may contain a model
   * @return the folder, and the certificate that is written to it
   * @throws dev.jlora.io.FormatException if {@code target} contains a model and must not be
   *     overwritten; or, regardless of {@code overwrite}, if it is the folder of the base model, of
   *     an adapter or of a run, or contains other files with a model's names; or if a merged value
   *     is not finite
   */
  public MergedModel merge(JobSpec job, Path adapter, Path target, boolean overwrite) {
    ResolvedJob work = ResolvedJob.withoutRows(plugins, job).forAdapter(adapter);
    List<String> companions =
        work.folder().companions().stream().map(file -> file.getFileName().toString()).toList();
    MergeTarget.check(target, work.folder().path(), companions, overwrite);
    try (LoadedModel model = work.load()) {
      AdapterLoader.load(plugins, adapter, model);
      MergeCertificate certificate = CertifiedMerge.of(model, work.task(), adapter);
      ModelState merged = new ModelState(model.network(), work.config(), work.folder());
      Set<Path> replaced = WeightFiles.sharded(target);
      replaced.remove(target.resolve(WeightFiles.SINGLE));
      StagedFiles.write(
          target,
          UNFINISHED,
          folder -> {
            merged.save(folder);
            Json.write(folder.resolve(MergeCertificate.FILE), certificate);
          },
          _ -> {});
      replaced.forEach(StagedFiles::delete);
      return new MergedModel(target, certificate);
    }
  }
}
