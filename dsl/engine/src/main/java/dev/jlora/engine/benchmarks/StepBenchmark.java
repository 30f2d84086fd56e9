package dev.jlora.engine.benchmarks;

import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.steps.CapturedPasses;
import dev.jlora.engine.steps.GraphCapture;
import dev.jlora.engine.steps.RandomBatches;
import dev.jlora.engine.steps.StepSettings;
import dev.jlora.engine.steps.Stepper;
import dev.jlora.host.Plugins;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.profile.ProcessUsage;
import dev.jlora.profile.Profiler;
import dev.jlora.profile.StepProfile;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.spi.Task;
import dev.jlora.tensor.BatchUploader;
import dev.jlora.tensor.CaptureStream;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.ProcessCounters;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Times training steps of a real network on random input, and in the same process the floor: only
 * the step's frozen-weight GEMMs. Step and floor alternate, so that a noisy machine slows both.
 */
public final class StepBenchmark {
  private static final int WARM_UP = 4;
  private static final double LEARNING_RATE = 1e-4;

  private final Plugins plugins;

  private final boolean profiling;

  public StepBenchmark(Plugins plugins) {
    this(plugins, false);
  }

  /**
   * @param profiling whether the report has a profile of the step
   */
  public StepBenchmark(Plugins plugins, boolean profiling) {
    this.plugins = plugins;
    this.profiling = profiling;
  }

  /**
   * Runs the benchmark.
   *
   * @throws RuntimeException if the model is unknown or a setting does not fit it
   */
  public StepReport run(BenchmarkSettings settings) {
    BenchmarkModel model =
        BenchmarkModel.of(plugins, settings.model(), settings.task(), settings.seed());
    ModelConfig config = model.config();
    Task task = model.task();
    try (Network network = model.network(settings.precision(), settings.device())) {
      AdapterMethod<?> method = plugins.adapters().get(settings.adapter().method());
      AdapterPlan plan =
          method.planOf(
              network.plan(),
              ResolvedJob.adapter(task, network.architecture(), settings.adapter()),
              model.context(method, settings.seed()));
      Adapter adapter = network.adapt(plan.create(network));
      OptimizerSpec optimizerSpec = OptimizerSpec.of("adamw", LEARNING_RATE);
      List<ParameterGroup> groups =
          adapter.parameters().stream().map(p -> new ParameterGroup(p, 0.01)).toList();
      try (Optimizer optimizer =
          plugins.optimizers().get(optimizerSpec.name()).create(groups, optimizerSpec)) {
        StepSettings recipe =
            new StepSettings(
                LEARNING_RATE, 1.0, 0, settings.seed(), settings.gradientCheckpointing(), false);
        Steppers steppers =
            (capturable, captures) ->
                new Stepper(
                    network,
                    task.objective(config, null),
                    adapter.parameters(),
                    optimizer,
                    _ -> 1,
                    capturable ? recipe.asCapturable() : recipe,
                    captures);
        RandomBatches batches =
            new RandomBatches(
                config,
                network.architecture(),
                task,
                settings.batch(),
                settings.length(),
                settings.seed());
        return measure(settings, network, batches, steppers, adapter, plan);
      }
    }
  }

  /** Creates steppers that share a network and an optimizer. */
  private interface Steppers {
    /**
     * @param capturable whether attention dropout uses an implementation that can be captured
     * @param captures as for {@link Stepper}
     */
    Stepper make(boolean capturable, @Nullable CaptureStream captures);
  }

  private StepReport measure(
      BenchmarkSettings settings,
      Network network,
      RandomBatches batches,
      Steppers steppers,
      Adapter adapter,
      AdapterPlan plan) {
    StepTimes times = StepTimes.of(settings.steps());
    List<StepProfile> profiles = new ArrayList<>();
    Device device = network.device();
    try (Stepper stepper = steppers.make(false, GraphCapture.of(settings.cudaGraphs(), device))) {
      stepper.begin(settings.steps());
      long peak = peak(device, stepper, batches);
      try (FrozenGemms floor = floor(network, adapter, batches)) {
        for (int i = -WARM_UP; i < settings.steps(); i++) {
          ProcessUsage before = ProcessCounters.now();
          Seconds step;
          try (var _ = profiling && i >= 0 ? Profiler.listen(profiles::add) : null) {
            step = seconds(device, () -> stepper.step(List.of(batches::next)));
          }
          ProcessUsage used = ProcessCounters.now().since(before);
          Seconds gemms = seconds(device, floor::run);
          if (i >= 0) {
            times.set(i, step.done(), step.queued(), gemms.done(), used);
          }
        }
        StepReport report =
            StepReport.of(
                settings.withLength(batches.length()),
                times,
                floor.operations(),
                plan.summary(),
                peak,
                TensorMemory.liveBytes(device.kind()),
                profiling ? ProfileReport.of(profiles) : null);
        return report.with(
            GemmRate.measure(device, network.dtype()),
            graph(network, steppers, batches, settings.steps()));
      }
    }
  }

  /**
   * Peak memory of tensors on a GPU in steps only, before the floor allocates its own; 0 on the
   * CPU.
   */
  private static long peak(Device device, Stepper stepper, RandomBatches batches) {
    if (device.host()) {
      return 0;
    }
    for (int i = 0; i < CapturedPasses.WARM_UP + 2; i++) { // recorded then, and run so
      stepper.step(List.of(batches::next));
    }
    return TensorMemory.peakBytes(device.kind());
  }

  /**
   * Captures a whole step, including the update, after memory was measured. If the timed steps are
   * not captured and have attention dropout, this one uses other kernels for it.
   */
  private static StepGraph graph(
      Network network, Steppers steppers, RandomBatches batches, int runs) {
    Device device = network.device();
    CaptureStream captures = GraphCapture.of(TrainingSpec.AUTO, device);
    if (captures == null) {
      return StepGraph.NONE;
    }
    try (captures;
        var _ = Scope.open();
        Stepper stepper = steppers.make(true, null)) {
      Map<String, Tensor> batch = network.place(batches.next());
      return StepGraph.measure(
          captures,
          () -> stepper.step(List.of(() -> batch)),
          stepper.random(),
          Tensor.zeros(DType.INT64, device, 1),
          () -> BatchUploader.synchronize(device),
          runs);
    }
  }

  private static FrozenGemms floor(Network network, Adapter adapter, RandomBatches batches) {
    try (var _ = Scope.open()) {
      return FrozenGemms.of(network, adapter.parameters(), network.place(batches.next()));
    }
  }

  /** Seconds until work was queued, and until it was done; equal on the CPU. */
  private record Seconds(double queued, double done) {}

  private static Seconds seconds(Device device, Runnable work) {
    BatchUploader.synchronize(device);
    long start = System.nanoTime();
    work.run();
    long queued = System.nanoTime();
    BatchUploader.synchronize(device);
    return new Seconds((queued - start) / 1e9, (System.nanoTime() - start) / 1e9);
  }
}
