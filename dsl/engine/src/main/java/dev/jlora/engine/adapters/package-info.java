/** Operations on whole adapters: listing, combination, and extraction from fine-tuned models. */
@NullMarked
package dev.jlora.engine.adapters;

import org.jspecify.annotations.NullMarked;
