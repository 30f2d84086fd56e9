/**
 * Decoders: GPT-2, and Llama, Mistral and Qwen2 as variants of one. Their configurations, and their
 * models with all heads, declared as trees of layers.
 */
@NullMarked
package dev.jlora.gpt;

import org.jspecify.annotations.NullMarked;
