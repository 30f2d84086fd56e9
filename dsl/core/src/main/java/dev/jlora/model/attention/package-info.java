/**
 * Multi-head attention: {@link dev.jlora.model.attention.AttentionHeads} says how heads attend,
 * {@link dev.jlora.model.attention.Attention} is the declared layer, and {@link
 * dev.jlora.model.attention.AttentionBlock} computes it in any layer kind. Cached, causal, windowed
 * or two-way, with or without rotary positions, on padded and on unpadded batches.
 */
@NullMarked
package dev.jlora.model.attention;

import org.jspecify.annotations.NullMarked;
