/**
 * Adapter methods in PEFT's meaning and format: which modules get one, what is trained beside it,
 * what it computes, and the folder it is kept in.
 */
@NullMarked
package dev.jlora.adapters;

import org.jspecify.annotations.NullMarked;
