package dev.jlora.engine.training;

import dev.jlora.engine.jobs.JobPlan;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.models.Devices;
import dev.jlora.engine.models.ModelLoader;
import dev.jlora.engine.steps.RandomBatches;
import dev.jlora.engine.steps.StepSettings;
import dev.jlora.engine.steps.Stepper;
import dev.jlora.model.network.Network;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Optimizer;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.NoValuesException;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TensorMemory;
import dev.jlora.tensor.TorchException;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Computes the memory of a job before it runs: one training step with the longest batch on {@link
 * Device#META}, where tensors have sizes and no memory. The step is the one that a GPU would take,
 * including the temporary memory of its kernels as far as known from their sources; on a CPU the
 * buffers are similar.
 */
public final class Forecast {
  private Forecast() {}

  /**
   * The plan with its memory computed. If the length of rows is unlimited, or a part of the job
   * reads values or does not support {@link Device#META}, the estimate is kept and a note says why.
   *
   * @throws RuntimeException if the step fails otherwise, as it would in training
   */
  public static Plan of(JobPlan job) {
    Plan plan = job.summary();
    ResolvedJob work = job.work();
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
          peak(job, Math.toIntExact(length))
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
    } catch (NoValuesException | TorchException e) {
      if (!needsValues(e)) {
        throw e;
      }
      LoggerFactory.getLogger(Forecast.class).debug("no step without data", e);
      return plan.with(
          List.of(
              "memory is only estimated: no step could be tried without data (%s)"
                  .formatted(e.getMessage())));
    }
  }

  /**
   * Whether the step read a value, or used an operator that does not support the meta device, which
   * is not an error of the job. Libtorch before 2.13 does not report the reason.
   */
  private static boolean needsValues(RuntimeException e) {
    return e instanceof NoValuesException
        || e instanceof TorchException torch
            && (!torch.reasoned() || String.valueOf(torch.getMessage()).contains("Meta"));
  }

  /** Peak memory of a step in bytes, including weights and optimizer. */
  private static long peak(JobPlan plan, int length) {
    ResolvedJob work = plan.work();
    TrainingSpec training = work.job().training();
    Device nowhere = Devices.of(Devices.DRY);
    DType dtype = ModelLoader.dtype(work.job().model().precision());
    long before = TensorMemory.liveBytes(Device.Kind.META);
    try (Network network =
        Network.of(
            work.model(),
            parameter -> Tensor.empty(dtype, nowhere, parameter.sizes()),
            dtype,
            nowhere)) {
      TrainableNetwork trainable = TrainableNetwork.of(plan, network);
      StepSettings settings = StepSettings.of(work.job());
      boolean recorded = training.cudaGraphs().equals(TrainingSpec.AUTO);
      try (Optimizer optimizer = trainable.optimizer();
          Stepper stepper =
              new Stepper(
                  network,
                  work.task().objective(work.config(), null),
                  trainable.trained(),
                  optimizer,
                  _ -> 1,
                  recorded ? settings.asCapturable() : settings)) {
        stepper.begin(Integer.MAX_VALUE); // far from the end of what adapters schedule
        TensorMemory.resetPeak(Device.Kind.META);
        RandomBatches batches =
            new RandomBatches(
                work.config(),
                work.architecture(),
                work.task(),
                training.batchSize(),
                length,
                training.seed());
        stepper.step(List.of(batches::next));
        return TensorMemory.peakBytes(Device.Kind.META) - before;
      }
    }
  }
}
