/**
 * BERT, RoBERTa and DistilBERT: what their config.json means, and their models with every head,
 * declared as trees of layers.
 */
@NullMarked
package dev.jlora.bert;

import org.jspecify.annotations.NullMarked;
