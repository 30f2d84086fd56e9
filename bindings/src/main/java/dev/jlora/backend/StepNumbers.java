package dev.jlora.backend;

import dev.jlora.tensor.Tensor;

/**
 * The numbers of an update that the host does not wait for.
 *
 * @param learningRate as the host knows it
 * @param rate the same on the device, FLOAT32 [1], in memory that stays: a recorded graph reads it
 *     there, and the host fills it before each replay
 * @param clipping what becomes of the gradients
 */
public record StepNumbers(double learningRate, Tensor rate, Clipping clipping) {}
