package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;

/**
 * The two factors of a low-rank update, scaling * up * down. Some optimizers treat them
 * differently: LoRA+ trains {@code up} faster, LoRA-FA freezes {@code down}.
 *
 * @param down LoRA's A: [rank, in], for a convolution [rank, in, kernel, kernel]
 * @param up LoRA's B: [out, rank], for a convolution [out, rank, 1, 1]
 * @param scaling the factor on their product
 * @param embedding whether the adapted module is an embedding
 */
public record LowRankPair(Parameter down, Parameter up, double scaling, boolean embedding) {}
