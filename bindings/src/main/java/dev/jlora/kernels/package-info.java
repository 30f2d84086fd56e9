/**
 * Kernels of our own on native memory: plain Java loops that the JIT turns into vector
 * instructions, and a BLAS on one thread, over tiles that fit into a core's cache. They replace
 * chains of operators that would each pass over main memory.
 *
 * <p>The tiles are shared out over libtorch's threads ({@link dev.jlora.tensor.Parallel}), so no
 * second pool competes for the cores. Nothing here knows of gradients: a forward and the gradient
 * of it are two kernels, which {@link dev.jlora.autograd} puts together.
 */
@NullMarked
package dev.jlora.kernels;

import org.jspecify.annotations.NullMarked;
