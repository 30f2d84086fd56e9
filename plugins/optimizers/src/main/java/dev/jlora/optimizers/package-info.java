/** Optimizers on ATen's fused kernels, and learning-rate schedules. */
@NullMarked
package dev.jlora.optimizers;

import org.jspecify.annotations.NullMarked;
