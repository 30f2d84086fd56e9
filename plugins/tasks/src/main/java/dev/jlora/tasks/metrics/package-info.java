/**
 * Metrics on plain Java arrays. Definitions are scikit-learn's, and those of the reference scripts
 * for entities, answers and generated text.
 */
@NullMarked
package dev.jlora.tasks.metrics;

import org.jspecify.annotations.NullMarked;
