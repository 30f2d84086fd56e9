package dev.jlora.engine;

import dev.jlora.data.Dataset;
import dev.jlora.engine.evaluation.Evaluation;
import dev.jlora.engine.evaluation.Evaluator;
import dev.jlora.engine.jobs.ColumnGuess;
import dev.jlora.engine.jobs.FolderJob;
import dev.jlora.engine.jobs.JobCheck;
import dev.jlora.engine.jobs.JobEncoding;
import dev.jlora.engine.jobs.JobParts;
import dev.jlora.engine.jobs.JobPlan;
import dev.jlora.engine.jobs.JobRows;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.jobs.RowFiles;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.steps.NonFiniteLossException;
import dev.jlora.engine.training.Forecast;
import dev.jlora.engine.training.Run;
import dev.jlora.engine.training.TrainingRun;
import dev.jlora.host.Plugins;
import dev.jlora.io.Amount;
import dev.jlora.io.FormatException;
import dev.jlora.io.JobFile;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.Callback;
import dev.jlora.spi.Metric;
import dev.jlora.spi.Objective;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans, trains and evaluates jobs; the entry point of the engine. */
public final class Engine {
  private final Plugins plugins;

  public Engine(Plugins plugins) {
    this.plugins = plugins;
  }

  /**
   * Checks and plans a job, before any weights are read. The result can be shown ({@link
   * JobPlan#summary}), its memory computed ({@link #forecast(JobPlan)}), and the job run ({@link
   * #train(JobPlan, Callback...)}).
   *
   * @throws RuntimeException if the job does not fit the model, or a file does not exist
   */
  public JobPlan prepare(JobSpec job) {
    return JobPlan.of(plugins, job);
  }

  /** The plan of a job, without reading weights; its memory is estimated by a formula. */
  public Plan plan(JobSpec job) {
    return prepare(job).summary();
  }

  /**
   * The plan of a job, its memory computed by one step on tensors without memory, which takes a
   * second or two.
   */
  public Plan forecast(JobSpec job) {
    return forecast(prepare(job));
  }

  /** A plan with its memory computed, see {@link #forecast(JobSpec)}. */
  public Plan forecast(JobPlan plan) {
    return Forecast.of(plan);
  }

  /**
   * Trains, and writes the result to the job's output folder.
   *
   * @param callbacks called after those that the job names
   * @throws NonFiniteLossException if a loss is not a number, naming the step
   * @throws dev.jlora.io.FormatException if a file of the job is missing or invalid, or the output
   *     folder contains an earlier run
   */
  public Run train(JobSpec job, Callback... callbacks) {
    return train(prepare(job), callbacks);
  }

  /** Trains a planned job, see {@link #train(JobSpec, Callback...)}. */
  public Run train(JobPlan plan, Callback... callbacks) {
    return TrainingRun.of(plan, callbacks);
  }

  /**
   * Evaluates a trained model on a job's test rows, or else on its validation rows.
   *
   * @param trained the output folder of a run, a merged model, or null for the base model without
   *     an adapter
   */
  public Evaluation evaluate(JobSpec job, @Nullable Path trained) {
    if (trained != null && AdapterLoader.isWholeModel(trained)) {
      return evaluate(AdapterLoader.jobOn(trained, job), null);
    }
    if (FolderJob.hasNoRows(job)) {
      throw new IllegalArgumentException(
          "data.test: got none, expected a file of rows to evaluate on");
    }
    return evaluateRows(withColumnGuess(job), trained);
  }

  private JobSpec withColumnGuess(JobSpec job) {
    DataSpec data = job.data();
    String file = data.test() != null ? data.test() : data.validation();
    if (file == null || data.train() != null || file.equals(RowFiles.STANDARD_INPUT)) {
      return job;
    }
    ColumnsSpec columns = ColumnGuess.of(job, new RowFiles(plugins, data).evaluatedColumns());
    return job.withData(data.toBuilder().columns(columns).build());
  }

  private Evaluation evaluateRows(JobSpec job, @Nullable Path trained) {
    ResolvedJob work = ResolvedJob.toEvaluate(plugins, job).forAdapter(trained);
    JobRows files = JobRows.of(work);
    Dataset rows = job.data().test() != null ? files.test() : files.validation();
    if (rows == null) {
      throw new IllegalArgumentException(
          "data.test: got neither test nor validation rows, expected a file to evaluate on");
    }
    JobCheck.toEvaluate(work, rows);
    try (LoadedModel model = work.load();
        JobEncoding encoding = JobEncoding.open(work)) {
      if (trained != null) {
        AdapterLoader.load(plugins, trained, model);
      }
      Objective objective = work.task().objective(work.config(), encoding.text());
      List<Metric> metrics = JobParts.metrics(work, objective);
      Evaluation evaluation =
          Evaluator.of(work, model.network(), objective, encoding, metrics, rows).evaluate();
      if (evaluation.items() == 0) {
        throw new FormatException(
            rows.name(),
            "has no label, word or token to evaluate in its %s."
                .formatted(Amount.of(evaluation.rows(), "row")),
            "Label some of them, or check the columns that the job names.");
      }
      return evaluation;
    }
  }

  /** Whether a run wrote this folder. */
  public boolean isRun(Path folder) {
    return Files.isRegularFile(folder.resolve(JobFile.NAME));
  }

  /**
   * The job of a trained folder. For the output folder of a run, or a checkpoint or merged model in
   * it: the job of the run, with resolved labels. For a model folder with a head: a job derived
   * from its files. For an adapter from elsewhere: one for its task, on the base that it names.
   *
   * @throws dev.jlora.io.FormatException naming the folder or file that is missing, invalid or
   *     incomplete
   */
  public JobSpec job(Path folder) {
    return job(folder, null);
  }

  /**
   * The job of a trained folder on another base.
   *
   * @param base the folder of the adapter's base model; null for the one that the run or the
   *     adapter names
   */
  public JobSpec job(Path folder, @Nullable Path base) {
    return new FolderJob(plugins).of(folder, base, /* features= */ false);
  }

  /** The job of a trained folder for feature extraction, for which a model needs no head. */
  public JobSpec jobForFeatures(Path folder, @Nullable Path base) {
    return new FolderJob(plugins).of(folder, base, /* features= */ true);
  }

  /**
   * The default task for a model folder: that of its head; else that of its family, if there is
   * only one; else sequence classification.
   */
  public String usualTask(Path model) {
    return new FolderJob(plugins).usualTask(model);
  }
}
