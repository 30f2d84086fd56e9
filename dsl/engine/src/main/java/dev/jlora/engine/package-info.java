/**
 * The operations that users start: {@link dev.jlora.engine.Engine} plans, trains and evaluates
 * jobs, {@link dev.jlora.engine.Predictor} and {@link dev.jlora.engine.TextGenerator} use trained
 * models, {@link dev.jlora.engine.Merger} merges adapters. The subpackages contain their
 * implementation.
 *
 * <p>Everything runs on the calling thread, except that the batch loader reads ahead on its own
 * thread.
 */
@NullMarked
package dev.jlora.engine;

import org.jspecify.annotations.NullMarked;
