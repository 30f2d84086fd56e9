/** Single rows of embeddings that are trained in place of the base's. */
@NullMarked
package dev.jlora.adapters.tokens;

import org.jspecify.annotations.NullMarked;
