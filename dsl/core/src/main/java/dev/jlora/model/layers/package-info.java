/**
 * The layer kinds for declaring families; {@link dev.jlora.model.layers.Layers} creates them. Each
 * kind is a record with its forward code.
 */
@NullMarked
package dev.jlora.model.layers;

import org.jspecify.annotations.NullMarked;
