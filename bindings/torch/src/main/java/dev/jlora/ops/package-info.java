/**
 * Typed tensor operators without autograd. Results belong to the current scope; the caller keeps
 * ownership of arguments. Start at {@link dev.jlora.ops.Ops}.
 */
@NullMarked
package dev.jlora.ops;

import org.jspecify.annotations.NullMarked;
