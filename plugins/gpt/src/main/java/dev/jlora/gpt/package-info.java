/**
 * Decoders: GPT-2, and Llama, Mistral and Qwen2 as variants of one. What their config.json means,
 * and their models with every head, declared as trees of layers.
 */
@NullMarked
package dev.jlora.gpt;

import org.jspecify.annotations.NullMarked;
