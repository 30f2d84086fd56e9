/**
 * BERT, RoBERTa and DistilBERT: their configurations, and their models with all heads, declared as
 * trees of layers.
 */
@NullMarked
package dev.jlora.bert;

import org.jspecify.annotations.NullMarked;
