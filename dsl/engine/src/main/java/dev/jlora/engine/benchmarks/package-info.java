/** Measures steps and kernels: times, rates of matrix products, and profiles of the device. */
@NullMarked
package dev.jlora.engine.benchmarks;

import org.jspecify.annotations.NullMarked;
