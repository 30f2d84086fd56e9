/**
 * Reverse-mode differentiation on a tape that belongs to Java; libtorch's own autograd stays off.
 *
 * <p>Start at {@link dev.jlora.autograd.Tape} and {@link dev.jlora.autograd.Functions}. A {@link
 * dev.jlora.autograd.Function} is one differentiable operator. What it saves for its backward is
 * held by the tape through handles of the tape's own, so callers may close their tensors at will,
 * and is freed the moment that backward has run. Gradients belong to {@link
 * dev.jlora.autograd.Gradients}. A tape is confined to the thread that made it.
 */
@NullMarked
package dev.jlora.autograd;

import org.jspecify.annotations.NullMarked;
