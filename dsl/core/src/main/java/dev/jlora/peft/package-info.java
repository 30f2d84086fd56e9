/**
 * PEFT's rules for adapter methods: which modules are targets, which are trained in full, which
 * values individual modules have, and the two files of an adapter folder. LoRA uses this package,
 * and a plugin's method can, too.
 *
 * <p>Everything is resolved from names and shapes, before any weight is read.
 */
@NullMarked
package dev.jlora.peft;

import org.jspecify.annotations.NullMarked;
