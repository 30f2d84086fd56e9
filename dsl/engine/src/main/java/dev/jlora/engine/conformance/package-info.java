/**
 * Holds this build against reference cases that transformers and PEFT wrote: the same weights, the
 * same batches, the same recipe, and every number compared.
 */
@NullMarked
package dev.jlora.engine.conformance;

import org.jspecify.annotations.NullMarked;
