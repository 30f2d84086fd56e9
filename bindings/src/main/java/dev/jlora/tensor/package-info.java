/**
 * Tensors and their lifetimes over libtorch.
 *
 * <p>A {@link dev.jlora.tensor.Tensor} belongs to exactly one {@link dev.jlora.tensor.Scope} and is
 * freed when that scope closes, or earlier by its own {@code close()}; never by the garbage
 * collector. Every factory and every operator gives its result to the innermost scope that the
 * calling thread has open. A scope is confined to its thread, a detached one is not.
 *
 * <p>No handle of a native object leaves this package.
 */
@NullMarked
package dev.jlora.tensor;

import org.jspecify.annotations.NullMarked;
