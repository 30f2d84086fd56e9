package dev.jlora.engine;

/**
 * What one optimizer step did.
 *
 * @param loss the mean loss over its micro-batches
 * @param gradientNorm over all trained parameters, before clipping
 * @param learningRate the rate the optimizer used
 */
public record Step(double loss, double gradientNorm, double learningRate) {}
