/**
 * Compares this build with reference cases written by transformers and PEFT: the same weights, the
 * same batches, the same recipe, and every number compared.
 */
@NullMarked
package dev.jlora.engine.conformance;

import org.jspecify.annotations.NullMarked;
