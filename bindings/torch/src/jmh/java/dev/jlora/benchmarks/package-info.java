/**
 * JMH benchmarks of the way from Java into libtorch: what an operator costs beyond the C function
 * that it calls. CONTRIBUTING.md says how to run them; they are compiled in the profile {@code jmh}
 * alone.
 */
@NullMarked
package dev.jlora.benchmarks;

import org.jspecify.annotations.NullMarked;
