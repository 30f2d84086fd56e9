/** Metrics and loss of a model on labeled rows. */
@NullMarked
package dev.jlora.engine.evaluation;

import org.jspecify.annotations.NullMarked;
