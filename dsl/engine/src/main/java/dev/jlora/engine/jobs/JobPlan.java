package dev.jlora.engine.jobs;

import dev.jlora.data.Dataset;
import dev.jlora.engine.models.NewWeights;
import dev.jlora.host.Plugins;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.AdapterSummary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The decisions about a training job that need no weights: labels, rows, the model's tree, the
 * adapter's targets. {@code Engine.prepare} makes it once; the plan for the user, the memory
 * forecast and the run use it.
 */
public final class JobPlan {
  private final ResolvedJob work;
  private final @Nullable AdapterPlan adapter;
  private final List<String> fresh;
  private final JobCheck check;

  private JobPlan(
      ResolvedJob work, @Nullable AdapterPlan adapter, List<String> fresh, JobCheck check) {
    this.work = work;
    this.adapter = adapter;
    this.fresh = List.copyOf(fresh);
    this.check = check;
  }

  /**
   * Checks and plans a job.
   *
   * @throws RuntimeException if the job does not fit the model or names something that does not
   *     exist; the message says what
   */
  public static JobPlan of(Plugins plugins, JobSpec job) {
    JobCheck.names(plugins, job);
    ResolvedJob work = ResolvedJob.of(plugins, InitialAdapter.settle(plugins, job));
    JobCheck check = JobCheck.of(work);
    List<String> fresh = NewWeights.modules(work.folder().path(), work.model(), work.headThere());
    AdapterPlan adapter = adapter(work);
    AdapterSpec spec = work.job().adapter();
    if (spec != null && adapter != null) {
      List<String> unsaved = NewWeights.unsaved(fresh, adapter.summary());
      if (!unsaved.isEmpty()) { // an adapter without them would mean something else
        work = work.with(spec.alsoSaving(unsaved));
        adapter = adapter(work);
      }
    }
    return new JobPlan(work, adapter, fresh, check);
  }

  private static @Nullable AdapterPlan adapter(ResolvedJob work) {
    AdapterSpec spec = work.job().adapter();
    return spec == null
        ? null
        : work.plugins().adapters().get(spec.method()).planOf(work.model(), spec, context(work));
  }

  /** The part of a job that an adapter method may use. */
  private static AdapterContext context(ResolvedJob work) {
    String type = work.task().peftTaskType();
    String start = work.job().model().adapter();
    return new AdapterContext(
        type == null ? "" : type,
        JobParts.defaultTargets(
            work.plugins().adapters().get(work.job().adapter().method()),
            work.family().modelType(),
            work.family().defaultTargets()),
        work.job().training().seed(),
        work.job().model().path(),
        start == null ? null : Path.of(start),
        work.config());
  }

  /** The resolved job. */
  public ResolvedJob work() {
    return work;
  }

  /** The adapter's plan; null if every weight is trained. */
  public @Nullable AdapterPlan adapter() {
    return adapter;
  }

  /** The adapter's targets and parameter counts; the whole model's if every weight is trained. */
  AdapterSummary adapterSummary() {
    long all = work.model().elements();
    return adapter == null ? new AdapterSummary(List.of(), List.of(), all, all) : adapter.summary();
  }

  /** The rows of evaluations during training, or null. */
  public @Nullable Dataset validation() {
    return check.validation();
  }

  /** Remarks for the user, one sentence each. */
  List<String> notes() {
    List<String> notes = new ArrayList<>(work.notes());
    AdapterSummary summary = adapterSummary();
    NewWeights.note(fresh, work.job().adapter() == null, summary).ifPresent(notes::add);
    notes.addAll(summary.notes());
    notes.addAll(check.notes());
    return notes;
  }

  /** The job with its labels resolved. */
  public JobSpec job() {
    return work.job();
  }

  /** The plan for the user, with memory estimated by formula. */
  public Plan summary() {
    return Plan.of(this);
  }
}
