/**
 * Raw downcalls, one class per topic, and nothing else. Handles travel as {@code long}; who owns
 * one is said by {@code dev.jlora.tensor}, the only package that may call these.
 *
 * <p>Every function is declared once more in the C header of {@code jlora-native}; a test holds the
 * two against each other.
 */
@NullMarked
package dev.jlora.ffi;

import org.jspecify.annotations.NullMarked;
