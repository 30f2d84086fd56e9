/**
 * PEFT's rules, on which every adapter method stands: which modules are targets, which are trained
 * in full beside them, which values a module has of its own, and the two files of an adapter's
 * folder. LoRA is written with what is here, and so can be a method of a plugin.
 *
 * <p>Everything is resolved from names and shapes, before any weight is read.
 */
@NullMarked
package dev.jlora.peft;

import org.jspecify.annotations.NullMarked;
