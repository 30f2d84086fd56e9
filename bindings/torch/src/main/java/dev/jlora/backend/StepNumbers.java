package dev.jlora.backend;

import dev.jlora.tensor.Tensor;

/**
 * Values of an update that stay on the device, so that the host does not wait for them.
 *
 * @param learningRate the host's copy
 * @param rate the same on the device, FLOAT32 [1], at a fixed address: a captured graph reads it
 *     there, and the host writes it before each replay
 * @param clipping of the gradients
 */
public record StepNumbers(double learningRate, Tensor rate, Clipping clipping) {}
