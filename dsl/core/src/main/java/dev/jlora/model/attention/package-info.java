/**
 * Multi-head attention: cached, causal, windowed or bidirectional, with or without rotary
 * positions, on padded and on unpadded batches.
 */
@NullMarked
package dev.jlora.model.attention;

import org.jspecify.annotations.NullMarked;
