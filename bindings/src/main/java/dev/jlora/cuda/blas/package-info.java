/**
 * Products of matrices on cuBLAS, with libtorch's own handle and stream. What will be called is a
 * plan, a plain value ({@link dev.jlora.cuda.blas.LoraPlans} makes those of an adapted layer) that
 * tests execute on the CPU; {@link dev.jlora.cuda.blas.Blas} runs it on tensors of a card.
 */
@NullMarked
package dev.jlora.cuda.blas;

import org.jspecify.annotations.NullMarked;
