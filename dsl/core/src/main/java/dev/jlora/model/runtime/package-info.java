/**
 * The forward pass: {@link dev.jlora.model.runtime.Module built layers}, the {@link
 * dev.jlora.model.runtime.ForwardContext} of one batch, and the modules that adapters attach to.
 * Results belong to the scope that is open around a pass.
 */
@NullMarked
package dev.jlora.model.runtime;

import org.jspecify.annotations.NullMarked;
