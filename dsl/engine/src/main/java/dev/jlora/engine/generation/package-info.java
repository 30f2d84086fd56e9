/**
 * Text generation: {@link dev.jlora.engine.generation.TokenGenerator} works on ids, {@link
 * dev.jlora.engine.generation.TextStream} converts them to text incrementally.
 */
@NullMarked
package dev.jlora.engine.generation;

import org.jspecify.annotations.NullMarked;
