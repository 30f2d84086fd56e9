/**
 * Going on with texts, token by token: {@link dev.jlora.engine.generation.TokenGenerator} works on
 * ids, {@link dev.jlora.engine.generation.TextStream} turns them into text as they come.
 */
@NullMarked
package dev.jlora.engine.generation;

import org.jspecify.annotations.NullMarked;
