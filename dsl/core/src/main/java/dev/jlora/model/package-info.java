/**
 * A model is a tree of records. A family declares it with {@link dev.jlora.model.Layers}; from the
 * one tree come the {@link dev.jlora.model.ModelPlan} (names, shapes, targets, counts, before a
 * byte of weights is read) and the {@link dev.jlora.model.Network} that runs.
 *
 * <p>Names are those of the Hugging Face checkpoint. Forward code lives in the layer kinds of this
 * package and never in a family. Tensors made in a forward pass belong to the scope that is open
 * around it; the parameters belong to the network, which is closed by whoever loaded it. A network
 * is used by one thread at a time.
 */
@NullMarked
package dev.jlora.model;

import org.jspecify.annotations.NullMarked;
