package dev.jlora.engine.steps;

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
 * @param capturable whether attention dropout uses an implementation that can be captured
 */
public record StepSettings(
    double learningRate,
    double maxGradientNorm,
    double labelSmoothing,
    long seed,
    boolean checkpointing,
    boolean withoutPadding,
    boolean capturable) {

  /** Settings for steps that are not captured. */
  public StepSettings(
      double learningRate,
      double maxGradientNorm,
      double labelSmoothing,
      long seed,
      boolean checkpointing,
      boolean withoutPadding) {
    this(learningRate, maxGradientNorm, labelSmoothing, seed, checkpointing, withoutPadding, false);
  }

  /** The settings of the steps of a job. */
  public static StepSettings of(JobSpec job) {
    TrainingSpec training = job.training();
    return new StepSettings(
        job.optimizer().learningRate(),
        training.maxGradNorm(),
        training.labelSmoothing(),
        training.seed(),
        training.gradientCheckpointing(),
        job.data().padding() != Padding.MAX_LENGTH);
  }

  /** A copy whose steps can be captured, see {@link RandomStream#capturable}. */
  public StepSettings asCapturable() {
    return new StepSettings(
        learningRate, maxGradientNorm, labelSmoothing, seed, checkpointing, withoutPadding, true);
  }
}
