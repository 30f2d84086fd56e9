/**
 * Finds libtorch, unpacks it if Maven brought it, and loads it once per process.
 *
 * <p>Start at {@link dev.jlora.natives.NativeTorch#load()}. Nothing here calls an operator: the
 * functions are bound in the bindings module, over {@link dev.jlora.natives.NativeTorch#symbols()}.
 * Everything in this package may be called from any thread. A library stays loaded until the
 * process ends.
 */
@NullMarked
package dev.jlora.natives;

import org.jspecify.annotations.NullMarked;
