/**
 * Loads, trains, evaluates, predicts and merges: what a job does, between the specs a user writes
 * and the plugins that bring the parts.
 *
 * <p>Everything here runs on the thread that calls it; only the batch loader reads ahead on a
 * thread of its own. Tensors of a step live in a {@link dev.jlora.tensor.Scope} that ends with the
 * step.
 */
@NullMarked
package dev.jlora.engine;

import org.jspecify.annotations.NullMarked;
