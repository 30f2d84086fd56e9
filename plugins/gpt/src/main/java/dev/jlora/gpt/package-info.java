/**
 * GPT-2: what its config.json means, and its models with every head, declared as trees of layers.
 */
@NullMarked
package dev.jlora.gpt;

import org.jspecify.annotations.NullMarked;
