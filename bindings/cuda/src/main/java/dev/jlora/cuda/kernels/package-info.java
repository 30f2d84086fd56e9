/**
 * jlora's GPU kernels, one class per family, for tensors on one GPU. A method queues its kernels on
 * the given stream and returns; results are written to tensors that the caller allocated, so that a
 * captured graph finds them at the same addresses. Unsupported inputs (dtype, shape, layout,
 * device) are rejected before anything is queued.
 *
 * <p>Elements are FLOAT32, BFLOAT16 or FLOAT16; sums and statistics are always computed in float,
 * and always in the same order.
 */
@NullMarked
package dev.jlora.cuda.kernels;

import org.jspecify.annotations.NullMarked;
