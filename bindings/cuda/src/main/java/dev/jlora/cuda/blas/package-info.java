/**
 * Matrix products on cuBLAS, with libtorch's own handle and stream. The calls of an operation are a
 * plan, a plain value ({@link dev.jlora.cuda.blas.LoraPlans} creates those of an adapted layer)
 * that tests execute on the CPU; {@link dev.jlora.cuda.blas.Blas} runs it on tensors of a GPU.
 */
@NullMarked
package dev.jlora.cuda.blas;

import org.jspecify.annotations.NullMarked;
