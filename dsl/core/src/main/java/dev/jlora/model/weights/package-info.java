/**
 * Sources of weights: a checkpoint matched against a declared model, or newly initialized values.
 */
@NullMarked
package dev.jlora.model.weights;

import org.jspecify.annotations.NullMarked;
