/**
 * Reverse-mode differentiation on a tape implemented in Java; libtorch's own autograd stays off.
 *
 * <p>Start at {@link dev.jlora.autograd.Tape} and {@link dev.jlora.autograd.Functions}. A {@link
 * dev.jlora.autograd.Function} is one differentiable operation. The tape holds its own handles to
 * the tensors that a function saves, so callers may close theirs at any time; the saved tensors are
 * freed as soon as the function's backward has run. {@link dev.jlora.autograd.Gradients} own the
 * gradients. A tape is confined to the thread that created it.
 */
@NullMarked
package dev.jlora.autograd;

import org.jspecify.annotations.NullMarked;
