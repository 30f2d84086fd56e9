/** Figures of merit over plain Java arrays; definitions are scikit-learn's. */
@NullMarked
package dev.jlora.tasks.metrics;

import org.jspecify.annotations.NullMarked;
