/**
 * CUDA without libtorch in between: the card and its errors, kernels compiled at run time and kept
 * on the disk, events and graphs. {@code dev.jlora.cuda.kernels} has the kernels, {@code
 * dev.jlora.cuda.blas} products on libtorch's own handle of cuBLAS.
 *
 * <p>Nothing here is loaded before it is used, and on a machine without CUDA the first use says
 * what is missing. Work is queued on the stream that a caller names, as a rule libtorch's current
 * one; nothing waits for it unless its name says so. Memory of the card belongs to tensors.
 */
@NullMarked
package dev.jlora.cuda;

import org.jspecify.annotations.NullMarked;
