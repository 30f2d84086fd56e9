package dev.jlora.engine;

import dev.jlora.data.Dataset;
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
 * All that is decided about a training job before a weight is read: labels and rows, the model's
 * tree, what its adapter attaches to. It is made once ({@link Engine#prepare}); the plan a user
 * sees, the count of memory and the run itself are made from it.
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
   * @throws RuntimeException saying what of the job does not fit the model, or is not there
   */
  static JobPlan of(Plugins plugins, JobSpec job) {
    JobCheck.names(plugins, job);
    ResolvedJob work = ResolvedJob.of(plugins, StartAdapter.settle(plugins, job));
    JobCheck check = JobCheck.of(work);
    List<String> fresh = FreshWeights.modules(work);
    AdapterPlan adapter = adapter(work);
    AdapterSpec spec = work.job().adapter();
    if (spec != null && adapter != null) {
      List<String> unsaved = FreshWeights.unsaved(fresh, adapter.summary());
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

  /** What an adapter method may know of a job. */
  private static AdapterContext context(ResolvedJob work) {
    String type = work.task().peftTaskType();
    String start = work.job().model().adapter();
    return new AdapterContext(
        type == null ? "" : type,
        work.family().defaultTargets(),
        work.job().training().seed(),
        work.job().model().path(),
        start == null ? null : Path.of(start));
  }

  /** What the job means. */
  ResolvedJob work() {
    return work;
  }

  /** What its adapter does to the model; null where every weight is trained. */
  @Nullable AdapterPlan adapter() {
    return adapter;
  }

  /** Targets and counts of the adapter; all of the model where every weight is trained. */
  AdapterSummary adapterSummary() {
    long all = work.model().elements();
    return adapter == null ? new AdapterSummary(List.of(), List.of(), all, all) : adapter.summary();
  }

  /** The rows of evaluations during training, or null. */
  @Nullable Dataset validation() {
    return check.validation();
  }

  /** What deserves a look, a sentence each. */
  List<String> notes() {
    List<String> notes = new ArrayList<>(work.notes());
    AdapterSummary summary = adapterSummary();
    FreshWeights.note(fresh, work, summary).ifPresent(notes::add);
    notes.addAll(summary.notes());
    notes.addAll(check.notes());
    return notes;
  }

  /** The job, labels settled. */
  public JobSpec job() {
    return work.job();
  }

  /** The plan as a user sees it, its memory estimated by a formula. */
  public Plan summary() {
    return Plan.of(this);
  }
}
