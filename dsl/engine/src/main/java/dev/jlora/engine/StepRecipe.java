package dev.jlora.engine;

import dev.jlora.autograd.RandomStream;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.TrainingSpec;

/**
 * How a step turns micro-batches into an update.
 *
 * @param learningRate the base rate, before the schedule's factor
 * @param maxGradientNorm gradients are scaled down to this norm; 0 for no clipping
 * @param labelSmoothing 0 for none
 * @param seed of the dropout masks
 * @param checkpointing whether backward computes repeated blocks again, see {@link
 *     dev.jlora.model.runtime.ForwardContext#withCheckpointing}
 * @param withoutPadding whether padding is left out where it can be, see {@link
 *     dev.jlora.model.runtime.ForwardContext#withoutPadding}
 * @param recordable whether dropout on attention takes the form that a recording bears
 */
public record StepRecipe(
    double learningRate,
    double maxGradientNorm,
    double labelSmoothing,
    long seed,
    boolean checkpointing,
    boolean withoutPadding,
    boolean recordable) {

  /** Of steps that nobody records. */
  public StepRecipe(
      double learningRate,
      double maxGradientNorm,
      double labelSmoothing,
      long seed,
      boolean checkpointing,
      boolean withoutPadding) {
    this(learningRate, maxGradientNorm, labelSmoothing, seed, checkpointing, withoutPadding, false);
  }

  /** The steps that a job describes. */
  static StepRecipe of(JobSpec job) {
    TrainingSpec training = job.training();
    return new StepRecipe(
        job.optimizer().learningRate(),
        training.maxGradNorm(),
        training.labelSmoothing(),
        training.seed(),
        training.gradientCheckpointing(),
        job.data().padding() != Padding.MAX_LENGTH);
  }

  /** The same steps in a form that can be recorded, see {@link RandomStream#recordable}. */
  StepRecipe asRecordable() {
    return new StepRecipe(
        learningRate, maxGradientNorm, labelSmoothing, seed, checkpointing, withoutPadding, true);
  }
}
