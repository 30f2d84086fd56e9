/**
 * jlora's own CPU kernels on native memory: plain Java loops that the JIT vectorizes, and a
 * single-threaded BLAS, over tiles that fit into a core's cache. They replace chains of operators
 * that would each pass over main memory.
 *
 * <p>The tiles are distributed over libtorch's threads ({@link dev.jlora.tensor.Parallel}), so no
 * second pool competes for the cores. Kernels are independent of autograd: forward and gradient are
 * two kernels, which {@link dev.jlora.autograd} combines.
 */
@NullMarked
package dev.jlora.kernels;

import org.jspecify.annotations.NullMarked;
