/**
 * CUDA without libtorch in between: GPUs and errors, kernels compiled at run time and cached on
 * disk, events and graphs. {@code dev.jlora.cuda.kernels} has the kernels, {@code
 * dev.jlora.cuda.blas} products on libtorch's own cuBLAS handle, {@code dev.jlora.cuda.backend} the
 * families of operators that use both. Nothing outside this module imports it.
 *
 * <p>Libraries are loaded on first use; on a machine without CUDA the first use reports what is
 * missing. Work is queued on the stream that the caller names, usually libtorch's current one; no
 * method waits for it unless its name says so. Tensors own device memory.
 */
@NullMarked
package dev.jlora.cuda;

import org.jspecify.annotations.NullMarked;
