/**
 * The kinds of layers that families are declared with; {@link dev.jlora.model.layers.Layers}
 * creates them. Each kind is a record, and holds its forward code.
 */
@NullMarked
package dev.jlora.model.layers;

import org.jspecify.annotations.NullMarked;
