/**
 * The operations that users start: {@link dev.jlora.engine.Engine} plans, trains and evaluates
 * jobs, {@link dev.jlora.engine.Predictor} and {@link dev.jlora.engine.TextGenerator} answer,
 * {@link dev.jlora.engine.Merger} merges. The packages below do the work, each for one part of it.
 *
 * <p>Everything runs on the calling thread, except that the batch loader reads ahead on its own
 * thread.
 */
@NullMarked
package dev.jlora.engine;

import org.jspecify.annotations.NullMarked;
