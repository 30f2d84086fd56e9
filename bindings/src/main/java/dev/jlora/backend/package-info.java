/**
 * Which way a device computes what the functions of the tape are made of. A family of operators is
 * an interface; {@link dev.jlora.backend.Backend} holds one implementation of each, chosen once for
 * a device, and nobody above asks what kind of device it is.
 *
 * <p>{@code Composed...} is made of libtorch's operators, and of jlora's loops where the CPU has
 * them: it runs everywhere. {@code Cuda...} is jlora's kernels and direct calls of cuBLAS; what
 * they do not take (FLOAT64, rows of more than 65536 columns, nothing at all) goes to the composed
 * one. Nothing here waits for a GPU, and results lie in memory of libtorch's allocator.
 */
@NullMarked
package dev.jlora.backend;

import org.jspecify.annotations.NullMarked;
