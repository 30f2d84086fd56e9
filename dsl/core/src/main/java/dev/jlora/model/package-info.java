/**
 * The vocabulary of declared models: parameters, their initialization, adapter targets. A family
 * declares a model with {@link dev.jlora.model.layers.Layers}; from the tree come the {@link
 * dev.jlora.model.tree.ModelPlan} (names, shapes, targets, counts, before a byte of weights is
 * read) and the {@link dev.jlora.model.network.Network} that runs.
 *
 * <p>Names are those of the Hugging Face checkpoint. Forward code lives in the layer kinds and
 * never in a family. Tensors made in a forward pass belong to the scope that is open around it;
 * parameters belong to the network, which is closed by its owner.
 */
@NullMarked
package dev.jlora.model;

import org.jspecify.annotations.NullMarked;
