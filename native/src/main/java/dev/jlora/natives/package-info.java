/**
 * Finds libtorch, unpacks it if it comes from Maven, and loads it once per process.
 *
 * <p>Start at {@link dev.jlora.natives.NativeTorch#load()}. No operators are called here:
 * bindings/torch binds the functions, using {@link dev.jlora.natives.NativeTorch#symbols()}.
 * Everything in this package may be called from any thread. A library stays loaded until the
 * process ends.
 */
@NullMarked
package dev.jlora.natives;

import org.jspecify.annotations.NullMarked;
