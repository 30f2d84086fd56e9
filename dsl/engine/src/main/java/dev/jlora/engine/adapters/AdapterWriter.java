package dev.jlora.engine.adapters;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.jlora.engine.adapters.AdapterCombiner.Weighted;
import dev.jlora.engine.adapters.AdapterExtractor.Extracted;
import dev.jlora.engine.jobs.FolderJob;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.runs.RunFolder;
import dev.jlora.host.Plugins;
import dev.jlora.io.AtomicFiles;
import dev.jlora.io.FormatException;
import dev.jlora.io.JobFile;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.ModelException;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.spec.CombinationSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes adapters from files, and writes them as PEFT does. */
public final class AdapterWriter {
  private final Plugins plugins;

  public AdapterWriter(Plugins plugins) {
    this.plugins = plugins;
  }

  /**
   * A written adapter.
   *
   * @param modules rank and error of its updates
   * @param lost for an extraction: parameters that differ and that the adapter does not contain
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Written(
      @JsonProperty("folder") Path folder,
      @JsonProperty("modules") List<ModuleUpdate> modules,
      @JsonProperty("lost") List<String> lost) {
    public Written {
      modules = List.copyOf(modules);
      lost = List.copyOf(lost);
    }

    /** The largest error of a module. */
    @JsonProperty("largest_error")
    public double largestError() {
      return modules.stream().mapToDouble(ModuleUpdate::error).max().orElse(0);
    }
  }

  /**
   * Combines adapters of one base model.
   *
   * @param base the folder of the base model; null for the one that the first adapter names
   * @param target the folder to write, which must not contain an adapter or a model
   */
  public Written combine(
      List<Weighted> parts, CombinationSpec spec, @Nullable Path base, Path target) {
    if (parts.isEmpty()) {
      throw new ModelException("combination: got no adapters, expected at least one");
    }
    parts.forEach(part -> AdapterLoader.config(part.folder()));
    requireFree(target);
    JobSpec job = new FolderJob(plugins).of(parts.getFirst().folder(), base, /* features= */ true);
    ResolvedJob work = ResolvedJob.withoutRows(plugins, job);
    try (LoadedModel model = work.load();
        CombinedAdapter combined =
            new AdapterCombiner(plugins).combine(model.network(), parts, spec)) {
      save(combined.adapter(), work.job(), target);
      return new Written(target, combined.modules(), List.of());
    }
  }

  /**
   * Extracts an adapter from a fine-tuned model.
   *
   * @param tuned the folder of the fine-tuned model
   * @param share see {@link AdapterExtractor#extract}
   * @param target the folder to write, which must not contain an adapter or a model
   */
  public Written extract(
      Path base, Path tuned, LoraSpec settings, @Nullable Double share, Path target) {
    requireFree(target);
    ModelFolder.open(base);
    JobSpec job = new FolderJob(plugins).of(tuned, null, /* features= */ true);
    ResolvedJob ofTuned = ResolvedJob.withoutRows(plugins, job);
    ResolvedJob work = ResolvedJob.withoutRows(plugins, AdapterLoader.jobOn(base, ofTuned.job()));
    try (LoadedModel model = work.load();
        LoadedModel other = ofTuned.load();
        Extracted extracted =
            new AdapterExtractor(plugins)
                .extract(work, model, other.network(), settings, share, base.toString())) {
      save(extracted.adapter(), work.job(), target);
      return new Written(target, extracted.modules(), extracted.lost());
    }
  }

  private static void requireFree(Path target) {
    if (AdapterLoader.isAdapter(target) || ModelFolder.isModel(target)) {
      throw new FormatException(
          target,
          "holds %s already.".formatted(AdapterLoader.isAdapter(target) ? "an adapter" : "a model"),
          "Choose another folder, such as a new one.");
    }
  }

  /** Writes the adapter, and a job with the labels and the base, as a run does. */
  private void save(Adapter adapter, JobSpec job, Path target) {
    RunFolder.createFolder(target);
    adapter.save(target);
    JobSpec own =
        job.withAdapter(plugins.adapters().get(LoraSpec.METHOD).read(target))
            .withTraining(job.training().toBuilder().output(target.toString()).build());
    AtomicFiles.write(target.resolve(JobFile.NAME), own.json());
  }
}
