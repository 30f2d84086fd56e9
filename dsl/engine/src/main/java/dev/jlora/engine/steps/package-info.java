/**
 * One optimizer step: forward and backward passes of its micro-batches, directly or as captured
 * CUDA graphs, then clipping and the update. {@link dev.jlora.engine.steps.Stepper} is the entry.
 * Tensors of a step belong to a {@link dev.jlora.tensor.Scope} that ends with it.
 */
@NullMarked
package dev.jlora.engine.steps;

import org.jspecify.annotations.NullMarked;
