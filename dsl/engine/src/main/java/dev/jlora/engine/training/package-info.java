/**
 * A training run from its first row to its saved adapter: the loop over epochs and steps,
 * evaluation and early stopping, signals, progress, and resuming. {@link
 * dev.jlora.engine.training.TrainingRun} is the entry.
 */
@NullMarked
package dev.jlora.engine.training;

import org.jspecify.annotations.NullMarked;
