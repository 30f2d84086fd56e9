/**
 * jlora's own kernels for the GPU, one class per family, over tensors of one card. A method queues
 * its kernels on the stream it is given and returns; results go into tensors that the caller has
 * made, so that a recorded graph finds them in the same place again. What does not fit (dtype,
 * shape, layout, device) is refused before anything is queued.
 *
 * <p>Elements are FLOAT32, BFLOAT16 or FLOAT16; sums and statistics are always float, and always
 * taken in the same order.
 */
@NullMarked
package dev.jlora.cuda.kernels;

import org.jspecify.annotations.NullMarked;
