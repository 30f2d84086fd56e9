/**
 * Text to tokens and back, on top of Hugging Face's native tokenizer library: {@code
 * tokenizer.json} is checked, the overrides of {@code tokenizer_config.json} are applied, special
 * tokens and truncation are implemented in Java, and a file that is not known to be safe is used in
 * a separate process, because a panic of the library ends its process.
 */
@NullMarked
package dev.jlora.data.tokenizer;

import org.jspecify.annotations.NullMarked;
