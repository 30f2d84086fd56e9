/**
 * Figures of merit over plain Java arrays; definitions are scikit-learn's, and those of the
 * reference scripts for entities, answers and written texts.
 */
@NullMarked
package dev.jlora.tasks.metrics;

import org.jspecify.annotations.NullMarked;
