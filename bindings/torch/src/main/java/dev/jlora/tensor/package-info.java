/**
 * Tensors and their lifetimes, on top of libtorch.
 *
 * <p>A {@link dev.jlora.tensor.Tensor} belongs to exactly one {@link dev.jlora.tensor.Scope} and is
 * freed when that scope closes, or earlier by its own {@code close()}; never by the garbage
 * collector. Results of factories and operators belong to the innermost open scope of the calling
 * thread. A scope is confined to its thread; a detached scope is not.
 *
 * <p>Native handles do not leave this package.
 */
@NullMarked
package dev.jlora.tensor;

import org.jspecify.annotations.NullMarked;
