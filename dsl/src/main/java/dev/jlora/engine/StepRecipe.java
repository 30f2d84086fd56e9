package dev.jlora.engine;

/**
 * How a step turns micro-batches into an update.
 *
 * @param learningRate the base rate, before the schedule's factor
 * @param maxGradientNorm gradients are scaled down to this norm; 0 for no clipping
 * @param labelSmoothing 0 for none
 * @param seed of the dropout masks
 * @param checkpointing whether backward computes repeated blocks again, see {@link
 *     dev.jlora.model.Pass#withCheckpointing}
 */
public record StepRecipe(
    double learningRate,
    double maxGradientNorm,
    double labelSmoothing,
    long seed,
    boolean checkpointing) {}
