package dev.jlora.engine;

import dev.jlora.cuda.CudaException;
import dev.jlora.data.Collator;
import dev.jlora.data.Dataset;
import dev.jlora.data.Examples;
import dev.jlora.data.SamplerOptions;
import dev.jlora.data.TextEncoder;
import dev.jlora.engine.runs.Fingerprint;
import dev.jlora.engine.runs.FingerprintMaker;
import dev.jlora.engine.runs.RunFolder;
import dev.jlora.host.Plugins;
import dev.jlora.io.Amount;
import dev.jlora.io.AtomicFiles;
import dev.jlora.io.FormatException;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.AdapterSummary;
import dev.jlora.spi.Callback;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.GenerativeTask;
import dev.jlora.spi.Metric;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.spi.Schedule;
import dev.jlora.spi.TrainerState;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.TensorMemory;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.TorchException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Does what jobs say: plans, trains and evaluates. Start here. */
public final class Engine {
  /** The job as it ran, labels settled, beside what it made. */
  static final String JOB_FILE = "job.json";

  private final Plugins plugins;

  public Engine(Plugins plugins) {
    this.plugins = plugins;
  }

  /** What a job will do; no weight is read. Its memory is estimated by a formula. */
  public Plan plan(JobSpec job) {
    JobCheck.names(plugins, job);
    ResolvedJob work =
        FreshWeights.saved(ResolvedJob.of(plugins, StartAdapter.settle(plugins, job)));
    return plan(work, JobCheck.of(work));
  }

  /**
   * The same with the memory counted: a step runs through on tensors that have a size and no
   * memory, which takes a second or two.
   */
  public Plan forecast(JobSpec job) {
    JobCheck.names(plugins, job);
    ResolvedJob work =
        FreshWeights.saved(ResolvedJob.of(plugins, StartAdapter.settle(plugins, job)));
    return new Forecast(this).of(work, plan(work, JobCheck.of(work)));
  }

  private Plan plan(ResolvedJob work, JobCheck check) {
    return Plan.of(work, adapterPlan(work)).with(check.notes());
  }

  private AdapterSummary adapterPlan(ResolvedJob work) {
    ModelPlan model = ModelPlan.of(work.architecture());
    AdapterSpec spec = work.job().adapter();
    return spec == null
        ? new AdapterSummary(List.of(), List.of(), model.elements(), model.elements())
        : plugins.adapters().get(spec.method()).planOf(model, spec, context(work)).summary();
  }

  /**
   * Trains, and writes the result into the job's output folder.
   *
   * @param callbacks look on, after those that the job names
   * @throws NonFiniteLossException if a loss is not a number, naming the step
   * @throws dev.jlora.io.FormatException if a file of the job is missing or wrong, or the output
   *     folder holds an earlier run
   */
  public Run train(JobSpec job, Callback... callbacks) {
    TrainingSpec training = job.training();
    JobCheck.names(plugins, job);
    ResolvedJob work =
        FreshWeights.saved(ResolvedJob.of(plugins, StartAdapter.settle(plugins, job)));
    Dataset rows = work.train();
    if (rows == null) {
      throw new IllegalArgumentException("data.train: got none, expected a file to train on");
    }
    Dataset validation = JobCheck.of(work).validation();
    try (RunFolder folder = RunFolder.claim(Path.of(training.output()), request(work))) {
      Fingerprint fingerprint = FingerprintMaker.of(work.job(), work.folder(), rows, validation);
      if (training.resume()) {
        ResumeCheck.check(plugins, work, folder.path(), fingerprint);
      }
      return train(work, rows, validation, folder, fingerprint, callbacks);
    }
  }

  private static RunFolder.Request request(ResolvedJob work) {
    TrainingSpec training = work.job().training();
    List<String> companions =
        work.folder().companions().stream().map(file -> file.getFileName().toString()).toList();
    return new RunFolder.Request(
        training.overwrite(),
        training.resume(),
        work.job().adapter() == null ? RunFolder.ofWholeModel(companions) : RunFolder.ofAdapter(),
        sources(work));
  }

  private static Map<String, Path> sources(ResolvedJob work) {
    String adapter = work.job().model().adapter();
    Path model = work.folder().path();
    return adapter == null
        ? Map.of("the model", model)
        : Map.of("the model", model, "the adapter to start from", Path.of(adapter));
  }

  private Run train(
      ResolvedJob work,
      Dataset rows,
      @Nullable Dataset validation,
      RunFolder folder,
      Fingerprint fingerprint,
      Callback... callbacks) {
    TrainingSpec training = work.job().training();
    if (training.threads() != null) {
      Torch.threads(training.threads());
    }
    if (training.tf32() && !Torch.allowTf32(true)) {
      throw new IllegalArgumentException(
          "training.tf32: got true, but this libtorch has no such switch; leave it out");
    }
    try (LoadedModel model = work.load();
        TextEncoder text = work.openText()) {
      Network network = model.network();
      TrainedState files = adapt(work, network);
      List<Parameter> trained = trained(files, network);
      Objective objective = work.task().objective(work.config(), text);
      List<Metric> metrics = work.metrics(objective.defaultMetrics());
      TrainingSettings settings = settings(work.job(), metrics);
      Collator collator = work.trainingCollator(text, training.seed());
      Examples examples = work.examples(rows, text, EncodingMode.TRAIN);
      try (Optimizer optimizer = optimizer(work, trained);
          Stepper stepper =
              new Stepper(
                  network,
                  objective,
                  trained,
                  optimizer,
                  schedule(work, settings, examples.size()),
                  settings.recipe(),
                  GraphCapture.of(training.cudaGraphs(), network.device()))) {
        List<Callback> named = JobParts.callbacks(plugins, work.job());
        Trainer trainer =
            new Trainer(
                settings,
                stepper,
                examples,
                collator,
                new RunWriter(folder, files, fingerprint),
                validation == null
                    ? null
                    : evaluator(work, network, objective, text, metrics, validation),
                Stream.concat(named.stream(), Stream.of(callbacks)).toList());
        try {
          if (training.overwrite()) {
            folder.clear();
          }
          folder.removeLeftBehind();
          if (training.resume()) {
            trainer.resume();
          }
          folder.note(List.of(JOB_FILE, TrainerState.FILE));
          AtomicFiles.write(folder.path().resolve(JOB_FILE), work.job().json());
          return trainer.run();
        } finally {
          JobParts.close(named);
        }
      }
    } catch (TorchException | CudaException failure) {
      throw OutOfDeviceMemory.explained(
          failure,
          TensorMemory.peakBytes(Device.Kind.CUDA), // what was live is freed by now
          () -> new Forecast(this).of(work, Plan.of(work, adapterPlan(work))).memory(),
          training.batchSize());
    }
  }

  TrainedState adapt(ResolvedJob work, Network network) {
    AdapterSpec spec = work.job().adapter();
    if (spec == null) {
      network.parameters().forEach(parameter -> parameter.trainable(true));
      return new ModelState(network, work.config(), work.folder());
    }
    AdapterPlan plan =
        plugins.adapters().get(spec.method()).planOf(network.plan(), spec, context(work));
    Adapter adapter = network.adapt(plan.create(network));
    String start = work.job().model().adapter();
    if (start != null) {
      adapter.restore(Path.of(start));
    }
    return new AdapterState(adapter);
  }

  static List<Parameter> trained(TrainedState files, Network network) {
    return files instanceof AdapterState(Adapter adapter)
        ? adapter.parameters()
        : network.trainable();
  }

  static AdapterContext context(ResolvedJob work) {
    String type = work.task().peftTaskType();
    String start = work.job().model().adapter();
    return new AdapterContext(
        type == null ? "" : type,
        work.family().defaultTargets(),
        work.job().training().seed(),
        work.job().model().path(),
        start == null ? null : Path.of(start));
  }

  Optimizer optimizer(ResolvedJob work, List<Parameter> trained) {
    var spec = work.job().optimizer();
    List<ParameterGroup> decayed =
        trained.stream()
            .map(
                parameter ->
                    new ParameterGroup(
                        parameter,
                        spec.decayBiasAndNorm() || !isBiasOrNorm(parameter.name())
                            ? spec.weightDecay()
                            : 0))
            .toList();
    return plugins.optimizers().get(spec.name()).create(decayed, spec);
  }

  private static boolean isBiasOrNorm(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith("bias") || lower.contains("norm.") || lower.contains("ln_");
  }

  private Schedule schedule(ResolvedJob work, TrainingSettings settings, int rows) {
    var spec = work.job().schedule();
    long total = settings.totalSteps(Math.ceilDiv(rows, settings.sampler().batchSize()));
    return plugins.schedules().get(spec.name()).create(spec, total);
  }

  private static TrainingSettings settings(JobSpec job, List<Metric> metrics) {
    TrainingSpec training = job.training();
    Long shuffleSeed = job.data().shuffleSeed();
    return new TrainingSettings(
        Path.of(training.output()),
        training.epochs(),
        training.maxSteps() == null ? 0 : training.maxSteps(),
        training.gradientAccumulationSteps(),
        new SamplerOptions(
            order(job.data()),
            training.batchSize(),
            shuffleSeed == null ? training.seed() : shuffleSeed,
            /* dropLast= */ false),
        new StepRecipe(
            job.optimizer().learningRate(),
            training.maxGradNorm(),
            training.labelSmoothing(),
            training.seed(),
            training.gradientCheckpointing(),
            job.data().padding() != Padding.MAX_LENGTH),
        training.loggingSteps(),
        training.evaluate(),
        training.save(),
        training.saveTotalLimit() == null ? 0 : training.saveTotalLimit(),
        best(job, metrics),
        training.earlyStoppingPatience() == null ? 0 : training.earlyStoppingPatience(),
        training.earlyStoppingThreshold());
  }

  private static SamplerOptions.Order order(DataSpec data) {
    if (!data.shuffle()) {
      return SamplerOptions.Order.SEQUENTIAL;
    }
    return data.groupByLength()
        ? SamplerOptions.Order.LENGTH_GROUPED
        : SamplerOptions.Order.SHUFFLED;
  }

  private static TrainingSettings.@Nullable BestMetric best(JobSpec job, List<Metric> metrics) {
    String name = job.training().bestMetric();
    if (name == null) {
      return null;
    }
    Boolean greater = job.training().greaterIsBetter();
    boolean larger =
        greater != null
            ? greater
            : metrics.stream().anyMatch(m -> m.name().equals(name) && m.largerIsBetter());
    return new TrainingSettings.BestMetric("eval_" + name, larger);
  }

  private static Evaluator evaluator(
      ResolvedJob work,
      Network network,
      Objective objective,
      @Nullable TextEncoder text,
      List<Metric> metrics,
      Dataset rows) {
    EvaluationGenerator composer =
        work.task() instanceof GenerativeTask task
                && text != null
                && Evaluator.needsWriting(metrics, objective)
            ? new EvaluationGenerator(work, task, network, text, rows)
            : null;
    return new Evaluator(
        network,
        objective,
        work.examples(rows, text, EncodingMode.EVALUATE),
        work.collator(text, 0),
        work.job().training().evalBatchSize(),
        work.job().data().padding() != Padding.MAX_LENGTH,
        metrics,
        composer);
  }

  /**
   * Judges a trained model on a job's test rows (its validation rows where it has no others).
   *
   * @param trained the output folder of a run, a merged model, or null for the base model as it is
   */
  public Evaluation evaluate(JobSpec job, @Nullable Path trained) {
    if (trained != null && AdapterLoader.isWholeModel(trained)) {
      return evaluate(AdapterLoader.jobOn(trained, job), null);
    }
    if (FolderJob.hasNoRows(job)) {
      throw new IllegalArgumentException(
          "data.test: got none, expected a file of rows to evaluate on");
    }
    return evaluateRows(withUsualColumns(job), trained);
  }

  private JobSpec withUsualColumns(JobSpec job) {
    DataSpec data = job.data();
    String file = data.test() != null ? data.test() : data.validation();
    if (file == null || data.train() != null || file.equals(RowFiles.STANDARD_INPUT)) {
      return job;
    }
    ColumnsSpec columns = UsualColumns.of(job, new RowFiles(plugins, data).evaluatedColumns());
    return job.withData(data.toBuilder().columns(columns).build());
  }

  private Evaluation evaluateRows(JobSpec job, @Nullable Path trained) {
    ResolvedJob work = ResolvedJob.of(plugins, job);
    Dataset rows = job.data().test() != null ? work.test() : work.validation();
    if (rows == null) {
      throw new IllegalArgumentException(
          "data.test: got neither test nor validation rows, expected a file to evaluate on");
    }
    JobCheck.toEvaluate(work, rows);
    try (LoadedModel model = work.load();
        TextEncoder text = work.openText()) {
      if (trained != null) {
        AdapterLoader.load(plugins, trained, model);
      }
      Objective objective = work.task().objective(work.config(), text);
      Evaluation evaluation =
          evaluator(
                  work,
                  model.network(),
                  objective,
                  text,
                  work.metrics(objective.defaultMetrics()),
                  rows)
              .evaluate();
      if (evaluation.items() == 0) {
        throw new FormatException(
            rows.name(),
            "has no label, word or token to judge by in its %s."
                .formatted(Amount.of(evaluation.rows(), "row")),
            "Label some of them, or check the columns that the job names.");
      }
      return evaluation;
    }
  }

  /** Whether a run wrote this folder. */
  public boolean isRun(Path folder) {
    return Files.isRegularFile(folder.resolve(JOB_FILE));
  }

  /**
   * The job of a trained folder. For the output folder of a run, or a checkpoint or merged model in
   * it, the job of the run, labels settled; for a model's folder with a head, a job that its files
   * describe; for an adapter that no run wrote, one for its task on the base that it names.
   *
   * @throws dev.jlora.io.FormatException naming the folder or file that is missing, wrong, or says
   *     too little
   */
  public JobSpec job(Path folder) {
    return job(folder, null);
  }

  /**
   * The job of a trained folder on another base.
   *
   * @param base the folder of the model that an adapter belongs to; null for the one that the run
   *     or the adapter names
   */
  public JobSpec job(Path folder, @Nullable Path base) {
    return new FolderJob(plugins).of(folder, base, /* features= */ false);
  }

  /** The job of a trained folder whose vectors are wanted, for which a model needs no head. */
  public JobSpec jobForFeatures(Path folder, @Nullable Path base) {
    return new FolderJob(plugins).of(folder, base, /* features= */ true);
  }

  /**
   * The task that a model's folder tells: that of its head; else that of its family, where it has
   * but one; else sequence classification.
   */
  public String usualTask(Path model) {
    return new FolderJob(plugins).usualTask(model);
  }
}
