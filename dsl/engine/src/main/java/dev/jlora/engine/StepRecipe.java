package dev.jlora.engine;

import dev.jlora.autograd.RandomStream;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.TrainingSpec;

/**
 * The settings of a step.
 *
 * @param learningRate the base learning rate, before the schedule's factor
 * @param maxGradientNorm maximum gradient norm, by clipping; 0 for none
 * @param labelSmoothing 0 for none
 * @param seed of the dropout masks
 * @param checkpointing whether backward recomputes repeated blocks, see {@link
 *     dev.jlora.model.runtime.ForwardContext#withCheckpointing}
 * @param withoutPadding whether padding is skipped where possible, see {@link
 *     dev.jlora.model.runtime.ForwardContext#withoutPadding}
 * @param recordable whether attention dropout uses an implementation that can be captured
 */
public record StepRecipe(
    double learningRate,
    double maxGradientNorm,
    double labelSmoothing,
    long seed,
    boolean checkpointing,
    boolean withoutPadding,
    boolean recordable) {

  /** Settings for steps that are not captured. */
  public StepRecipe(
      double learningRate,
      double maxGradientNorm,
      double labelSmoothing,
      long seed,
      boolean checkpointing,
      boolean withoutPadding) {
    this(learningRate, maxGradientNorm, labelSmoothing, seed, checkpointing, withoutPadding, false);
  }

  /** The recipe of the steps of a job. */
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

  /** The same steps in a form that can be captured, see {@link RandomStream#recordable}. */
  StepRecipe asRecordable() {
    return new StepRecipe(
        learningRate, maxGradientNorm, labelSmoothing, seed, checkpointing, withoutPadding, true);
  }
}
