/**
 * Rotary positions as configured by a config.json, with every kind of scaling to longer contexts.
 */
@NullMarked
package dev.jlora.gpt.rope;

import org.jspecify.annotations.NullMarked;
