/**
 * BERT: what its config.json means, and its models with every head, declared as trees of layers.
 */
@NullMarked
package dev.jlora.bert;

import org.jspecify.annotations.NullMarked;
