package dev.jlora.engine;

import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TensorMemory;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Counts the memory of a job before it runs: one training step with the longest batch on {@link
 * Device#META}, where tensors have a size and no memory. The step is the one that a GPU would take,
 * with what its kernels need for the moment as far as their sources say; on a CPU buffers are much
 * the same.
 */
final class Forecast {
  private final Engine engine;

  Forecast(Engine engine) {
    this.engine = engine;
  }

  /**
   * The plan with its memory counted. Where a step cannot be run without data, the estimate stays,
   * and a note says why.
   */
  Plan of(ResolvedJob work, Plan plan) {
    Plan.Memory estimate = plan.memory();
    long length = Plan.longestRow(work);
    if (length == 0) {
      return plan.with(
          List.of(
              "memory is only estimated: nothing limits the length of rows; set data.max_length"
                  + " (--max-length)"));
    }
    try {
      long rest =
          peak(work, Math.toIntExact(length))
              - estimate.weights()
              - estimate.adapter()
              - estimate.optimizer();
      return plan.with(
          new Plan.Memory(
              estimate.weights(),
              estimate.adapter(),
              estimate.optimizer(),
              Math.max(0, rest),
              true));
    } catch (RuntimeException e) {
      LoggerFactory.getLogger(Forecast.class).debug("no step without data", e);
      return plan.with(
          List.of(
              "memory is only estimated: no step could be tried without data (%s)".formatted(e)));
    }
  }

  /** Bytes at the peak of a step, weights and optimizer included. */
  private long peak(ResolvedJob work, int length) {
    Device nowhere = Devices.of(Devices.DRY);
    DType dtype = ModelLoader.dtype(work.job().model().precision());
    long before = TensorMemory.liveBytes(Device.Kind.META);
    try (Network network =
        Network.of(
            work.architecture(),
            parameter -> Tensor.empty(dtype, nowhere, parameter.sizes()),
            dtype,
            nowhere)) {
      List<Parameter> trained = Engine.trained(engine.adapt(work, network), network);
      try (Optimizer optimizer = engine.optimizer(work, trained);
          Stepper stepper =
              new Stepper(
                  network,
                  work.task().objective(work.config(), null),
                  trained,
                  optimizer,
                  _ -> 1,
                  recipe(work.job()))) {
        TensorMemory.resetPeak(Device.Kind.META);
        stepper.step(
            List.of(
                new RandomBatches(work.config(), network.architecture(), batch(work, length))
                    ::next));
        return TensorMemory.peakBytes(Device.Kind.META) - before;
      }
    }
  }

  private static StepRecipe recipe(JobSpec job) {
    TrainingSpec training = job.training();
    return new StepRecipe(
        job.optimizer().learningRate(),
        training.maxGradNorm(),
        training.labelSmoothing(),
        training.seed(),
        training.gradientCheckpointing(),
        job.data().padding() != Padding.MAX_LENGTH,
        training.cudaGraphs().equals(TrainingSpec.AUTO));
  }

  private static BenchmarkSettings batch(ResolvedJob work, int length) {
    JobSpec job = work.job();
    return new BenchmarkSettings(
        job.model().path(),
        job.task().name(),
        job.training().batchSize(),
        length,
        job.model().precision(),
        LoraSpec.defaults(),
        1,
        job.training().seed());
  }
}
