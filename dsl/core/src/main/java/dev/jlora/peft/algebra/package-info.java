/**
 * Exact arithmetic of low-rank updates: sums by concatenation, and approximations by a given rank
 * with their error. Independent of adapter methods and files.
 */
@NullMarked
package dev.jlora.peft.algebra;

import org.jspecify.annotations.NullMarked;
