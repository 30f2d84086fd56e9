package dev.jlora.engine;

import dev.jlora.data.SamplerOptions;
import dev.jlora.spec.Interval;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A training run in plain numbers, everything a job leaves open settled.
 *
 * @param output the folder for adapter, checkpoints and state
 * @param epochs how many times the data is gone through, parts of one allowed, if {@code maxSteps}
 *     is 0
 * @param maxSteps optimizer steps, whatever {@code epochs} says; 0 for none
 * @param accumulation micro-batches of a step
 * @param sampler order and size of micro-batches
 * @param recipe what a step does
 * @param loggingSteps steps between log lines
 * @param evaluate how often the model is evaluated
 * @param save how often a checkpoint is written
 * @param saveLimit how many checkpoints are kept; 0 for all
 * @param bestMetric the metric whose best checkpoint is kept and given back; null for the last
 *     weights
 * @param patience evaluations without a gain after which training stops; 0 for never
 * @param threshold what a gain has to exceed
 */
record TrainingSettings(
    Path output,
    double epochs,
    long maxSteps,
    int accumulation,
    SamplerOptions sampler,
    StepRecipe recipe,
    int loggingSteps,
    Interval evaluate,
    Interval save,
    int saveLimit,
    @Nullable BestMetric bestMetric,
    int patience,
    double threshold) {

  /** A metric as evaluations report it ({@code eval_loss}), and which way is better. */
  record BestMetric(String key, boolean largerIsBetter) {}

  /** Optimizer steps of one epoch: the last one may have fewer micro-batches. */
  static long stepsPerEpoch(long batches, int accumulation) {
    return Math.max(1, Math.ceilDiv(batches, accumulation));
  }

  /** Optimizer steps of the whole run. */
  long totalSteps(long batchesPerEpoch) {
    double all = epochs * stepsPerEpoch(batchesPerEpoch, accumulation);
    return maxSteps > 0 ? maxSteps : (long) Math.ceil(all - 1e-9);
  }

  ResumePoint.DataOrder dataOrder(int rows) {
    return new ResumePoint.DataOrder(
        rows, sampler.batchSize(), accumulation, sampler.order().name(), sampler.seed());
  }
}
