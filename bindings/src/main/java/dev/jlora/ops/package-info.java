/**
 * Tensor operators, typed and without autograd. Results belong to the current scope; arguments stay
 * the caller's. Start at {@link dev.jlora.ops.Ops}.
 */
@NullMarked
package dev.jlora.ops;

import org.jspecify.annotations.NullMarked;
