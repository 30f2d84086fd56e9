/**
 * The vocabulary of declared models: parameters, their initialization, adapter targets. A family
 * declares a model with {@link dev.jlora.model.layers.Layers}; the tree determines the {@link
 * dev.jlora.model.tree.ModelPlan} (names, shapes, targets, counts, before any weights are read) and
 * the {@link dev.jlora.model.network.Network} that runs.
 *
 * <p>Names are those of the Hugging Face checkpoint. Forward code is in the layer kinds, never in a
 * family. Tensors created in a forward pass belong to the enclosing scope; parameters belong to the
 * network, which its owner closes.
 */
@NullMarked
package dev.jlora.model;

import org.jspecify.annotations.NullMarked;
