/**
 * Rotary positions as a config.json describes them: every kind of scaling that stretches them over
 * longer texts than the model first saw.
 */
@NullMarked
package dev.jlora.gpt.rope;

import org.jspecify.annotations.NullMarked;
