/**
 * Loads, trains, evaluates, predicts and merges: everything that a job does, using its specs and
 * the parts of plugins.
 *
 * <p>Everything runs on the calling thread, except that the batch loader reads ahead on its own
 * thread. Tensors of a step belong to a {@link dev.jlora.tensor.Scope} that ends with the step.
 */
@NullMarked
package dev.jlora.engine;

import org.jspecify.annotations.NullMarked;
