package dev.jlora.adapters.init;

import dev.jlora.tensor.Tensor;

/**
 * Initial LoRA matrices, in the scope in which they were computed.
 *
 * @param a [rank, in], FLOAT32
 * @param b [out, rank], FLOAT32
 */
public record Factors(Tensor a, Tensor b) {}
