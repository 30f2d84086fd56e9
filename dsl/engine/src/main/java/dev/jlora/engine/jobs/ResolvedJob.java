package dev.jlora.engine.jobs;

import dev.jlora.data.Dataset;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.Devices;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.models.ModelLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job whose architecture, labels and training rows are resolved, before any weights are read. Its
 * rows are encoded by {@link JobEncoding}, its weights are read by {@link #load}.
 *
 * @param job with resolved labels and problem type, so that it no longer depends on the data
 * @param config the model's configuration for the task
 * @param model the declared tree, used by everything that follows
 * @param headThere whether the base model has the task's head
 * @param train the training rows, or null
 * @param notes the decisions made from the rows and their reasons, for the plan
 */
public record ResolvedJob(
    Plugins plugins,
    JobSpec job,
    ModelFolder folder,
    ModelConfig config,
    ModelFamily family,
    Task task,
    ModelPlan model,
    boolean headThere,
    @Nullable Dataset train,
    List<String> notes) {

  /** Resolves a job for training; reads the training rows, which may determine the labels. */
  static ResolvedJob of(Plugins plugins, JobSpec job) {
    return of(plugins, job, new RowFiles(plugins, job.data()).train());
  }

  /**
   * Resolves a job with settled labels without its training rows, which need not exist any more.
   */
  public static ResolvedJob withoutRows(Plugins plugins, JobSpec job) {
    return of(plugins, job, null);
  }

  /**
   * Resolves a job for evaluation; reads the training rows only if labels or problem type depend on
   * them.
   */
  public static ResolvedJob toEvaluate(Plugins plugins, JobSpec job) {
    Task task = plugins.tasks().get(job.task().name());
    return task.isSettled(job.task()) ? withoutRows(plugins, job) : of(plugins, job);
  }

  private static ResolvedJob of(Plugins plugins, JobSpec job, @Nullable Dataset train) {
    JobParts.check(plugins, job);
    ModelFolder folder = ModelFolder.open(Path.of(job.model().path()));
    ModelConfig base = folder.config();
    ModelLoader loader = new ModelLoader(plugins);
    Task task = plugins.tasks().get(job.task().name());
    String architecture = job.model().architecture();
    if (architecture == null) {
      architecture = loader.architecture(base, task);
    }
    boolean headThere = ModelLoader.hasHead(base, architecture);
    Task.Settled settled = task.settle(base, job.task(), headThere, train, job.data().columns());
    ModelConfig config = settled.config();
    ModelFamily family = loader.family(base);
    AdapterSpec spec = job.adapter();
    Architecture declared = family.declare(config, architecture);
    ModelPlan model =
        ModelPlan.of(
            spec == null
                ? declared
                : plugins.adapters().get(spec.method()).modelOf(declared, spec));
    JobSpec settledJob = settled(job, settled, adapter(task, model.architecture(), spec));
    List<String> notes = new ArrayList<>(settled.reasons());
    return new ResolvedJob(
        plugins,
        settledJob,
        folder,
        config,
        family,
        task,
        model,
        headThere && config.labels().equals(base.labels()),
        train == null ? null : JobRows.toTrain(train, config, job.data(), notes),
        List.copyOf(notes));
  }

  /** A copy with another adapter. */
  ResolvedJob with(AdapterSpec adapter) {
    return new ResolvedJob(
        plugins,
        job.withAdapter(adapter),
        folder,
        config,
        family,
        task,
        model,
        headThere,
        train,
        notes);
  }

  /**
   * A copy for a saved adapter, which may need another model than the job's: an adapter that PEFT
   * saved has no job.
   *
   * @param adapter its folder; null or a folder without an adapter for this copy
   */
  public ResolvedJob forAdapter(@Nullable Path adapter) {
    if (adapter == null || !AdapterLoader.isAdapter(adapter)) {
      return this;
    }
    Architecture declared = model.architecture();
    Architecture needed = AdapterLoader.modelOf(plugins, adapter, declared);
    return needed == declared
        ? this
        : new ResolvedJob(
            plugins,
            job,
            folder,
            config,
            family,
            task,
            ModelPlan.of(needed),
            headThere,
            train,
            notes);
  }

  /** Loads the model on the job's device; the caller closes it. */
  public LoadedModel load() {
    return ModelLoader.load(
        folder,
        family,
        config,
        model,
        !headThere || FolderJob.isFeatures(task.name()), // vectors need no head
        job.model().precision(),
        job.training().seed(),
        Devices.of(job.training().device()));
  }

  /** The architecture of the model. */
  public Architecture architecture() {
    return model.architecture();
  }

  /** Maximum number of tokens of a text, next to an adapter's virtual ones; 0 for no limit. */
  public long maxTokens() {
    long positions = architecture().maxPositions();
    AdapterSpec adapter = job.adapter();
    return positions == 0 || adapter == null
        ? positions
        : Math.max(1, positions - adapter.virtualTokens());
  }

  /** The job's adapter, which also saves the head of a task that PEFT has no task type for. */
  public static @Nullable AdapterSpec adapter(
      Task task, Architecture architecture, @Nullable AdapterSpec spec) {
    return spec == null || !task.trainsHead() ? spec : spec.alsoSaving(architecture.heads());
  }

  private static JobSpec settled(JobSpec job, Task.Settled found, @Nullable AdapterSpec adapter) {
    ModelConfig config = found.config();
    TaskSpec task = job.task();
    TaskSpec.Problem problem = task.problem();
    for (TaskSpec.Problem candidate : TaskSpec.Problem.values()) {
      if (config.problemType().filter(candidate.text()::equals).isPresent()) {
        problem = candidate;
      }
    }
    return new JobSpec(
        job.model(),
        new TaskSpec(task.name(), config.labels(), problem, task.metrics()),
        adapter,
        job.data().toBuilder().columns(found.columns()).build(),
        job.optimizer(),
        job.schedule(),
        job.training(),
        job.callbacks());
  }
}
