package dev.jlora.engine.training;

import dev.jlora.backend.DeviceCallException;
import dev.jlora.data.Dataset;
import dev.jlora.data.Examples;
import dev.jlora.engine.evaluation.Evaluator;
import dev.jlora.engine.jobs.JobEncoding;
import dev.jlora.engine.jobs.JobParts;
import dev.jlora.engine.jobs.JobPlan;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.models.LoadedModel;
import dev.jlora.engine.runs.Checkpoints;
import dev.jlora.engine.runs.Fingerprint;
import dev.jlora.engine.runs.FingerprintMaker;
import dev.jlora.engine.runs.RunFolder;
import dev.jlora.engine.runs.RunWriter;
import dev.jlora.engine.steps.GraphCapture;
import dev.jlora.engine.steps.Stepper;
import dev.jlora.io.AtomicFiles;
import dev.jlora.io.JobFile;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Callback;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.Metric;
import dev.jlora.spi.Objective;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.Schedule;
import dev.jlora.spi.TrainerState;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.TensorMemory;
import dev.jlora.tensor.Torch;
import dev.jlora.tensor.TorchException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The execution of a planned job: its network, batches, trainer and output folder. */
public final class TrainingRun {
  private final JobPlan plan;
  private final ResolvedJob work;
  private final TrainingSpec training;
  private final Dataset rows;
  private final Callback[] callbacks;

  private TrainingRun(JobPlan plan, Dataset rows, Callback... callbacks) {
    this.plan = plan;
    this.work = plan.work();
    this.training = work.job().training();
    this.rows = rows;
    this.callbacks = callbacks;
  }

  /**
   * Trains, and writes the result to the job's output folder.
   *
   * @param callbacks called after those that the job names
   */
  public static Run of(JobPlan plan, Callback... callbacks) {
    ResolvedJob work = plan.work();
    Dataset rows = work.train();
    if (rows == null) {
      throw new IllegalArgumentException("data.train: got none, expected a file to train on");
    }
    Path output = Path.of(work.job().training().output());
    try (RunFolder folder = RunFolder.claim(output, request(work))) {
      Fingerprint fingerprint =
          FingerprintMaker.of(work.job(), work.folder(), rows, plan.validation());
      if (work.job().training().resume()) {
        ResumeCheck.check(work, folder.path(), fingerprint);
      }
      return new TrainingRun(plan, rows, callbacks).run(folder, fingerprint);
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

  private Run run(RunFolder folder, Fingerprint fingerprint) {
    if (training.threads() != null) {
      Torch.threads(training.threads());
    }
    if (training.tf32() && !Torch.allowTf32(true)) {
      throw new IllegalArgumentException(
          "training.tf32: got true, but this libtorch has no such switch; leave it out");
    }
    try (LoadedModel model = work.load();
        JobEncoding encoding = JobEncoding.open(work)) {
      Objective objective = work.task().objective(work.config(), encoding.text());
      List<Metric> metrics = JobParts.metrics(work, objective);
      TrainingSettings settings = TrainingSettings.of(work.job(), metrics);
      Examples examples = encoding.examples(rows, EncodingMode.TRAIN);
      TrainableNetwork network =
          TrainableNetwork.of(
              plan,
              model.network(),
              () ->
                  new BatchPasses(
                      model.network(),
                      objective,
                      examples,
                      encoding.trainingCollator(),
                      settings.sampler()),
              checkpoint(folder));
      try (Optimizer optimizer = network.optimizer();
          Stepper stepper =
              new Stepper(
                  network.network(),
                  objective,
                  network.trained(),
                  optimizer,
                  schedule(settings, examples.size()),
                  settings.recipe(),
                  GraphCapture.of(training.cudaGraphs(), network.network().device()))) {
        stepper.begin(totalSteps(settings, examples.size()));
        List<Callback> named = JobParts.callbacks(work);
        Trainer trainer =
            new Trainer(
                settings,
                stepper,
                examples,
                encoding.trainingCollator(),
                new RunWriter(folder, network.state(), fingerprint),
                evaluator(network, objective, encoding, metrics),
                Stream.concat(named.stream(), Stream.of(callbacks)).toList());
        try {
          return run(trainer, folder);
        } finally {
          JobParts.close(named);
        }
      }
    } catch (TorchException | DeviceCallException failure) {
      throw OutOfDeviceMemory.explained(
          failure,
          TensorMemory.peakBytes(Device.Kind.CUDA), // what was live is freed by now
          () -> Forecast.of(plan).memory(),
          training.batchSize());
    }
  }

  /** The checkpoint to continue from; null for a new run. */
  private @Nullable Path checkpoint(RunFolder folder) {
    return training.resume() ? new Checkpoints(folder.path()).newest().orElse(null) : null;
  }

  private Run run(Trainer trainer, RunFolder folder) {
    if (training.overwrite()) {
      folder.clear();
    }
    folder.removeLeftBehind();
    if (training.resume()) {
      trainer.resume();
    }
    folder.note(List.of(JobFile.NAME, TrainerState.FILE));
    AtomicFiles.write(folder.path().resolve(JobFile.NAME), work.job().json());
    return trainer.run();
  }

  private Schedule schedule(TrainingSettings settings, int count) {
    ScheduleSpec spec = work.job().schedule();
    return work.plugins().schedules().get(spec.name()).create(spec, totalSteps(settings, count));
  }

  private static long totalSteps(TrainingSettings settings, int count) {
    return settings.totalSteps(Math.ceilDiv(count, settings.sampler().batchSize()));
  }

  private @Nullable Evaluator evaluator(
      TrainableNetwork network, Objective objective, JobEncoding encoding, List<Metric> metrics) {
    Dataset validation = plan.validation();
    return validation == null
        ? null
        : Evaluator.of(work, network.network(), objective, encoding, metrics, validation);
  }
}
