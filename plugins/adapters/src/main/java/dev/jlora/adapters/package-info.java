/**
 * Adapter methods with PEFT's semantics and format: target modules, saved modules, computation, and
 * files.
 */
@NullMarked
package dev.jlora.adapters;

import org.jspecify.annotations.NullMarked;
