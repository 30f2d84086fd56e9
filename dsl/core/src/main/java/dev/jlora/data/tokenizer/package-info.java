/**
 * Text to tokens and back, in front of Hugging Face's native tokenizer library: what a {@code
 * tokenizer.json} says is checked, what {@code tokenizer_config.json} overrides is applied, special
 * tokens and truncation are done in Java, and a file that is not known to be safe is used in a
 * process of its own, because a panic of the library ends the process it happens in.
 */
@NullMarked
package dev.jlora.data.tokenizer;

import org.jspecify.annotations.NullMarked;
