/**
 * The forward pass: {@link dev.jlora.model.runtime.Module built layers}, the {@link
 * dev.jlora.model.runtime.ForwardContext} of one batch, and the modules that can have adapters.
 * Results belong to the scope around a pass.
 */
@NullMarked
package dev.jlora.model.runtime;

import org.jspecify.annotations.NullMarked;
