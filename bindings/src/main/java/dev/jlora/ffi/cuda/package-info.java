/**
 * Raw downcalls into CUDA's libraries, one class per library (three for the driver), and nothing
 * else. Nothing is loaded until an object is made over a library's symbols; handles and addresses
 * of the card travel as {@code long}. Only {@code dev.jlora.cuda} may call these.
 *
 * <p>Every function and every value is declared once more in {@code jlora_cuda.h} of {@code
 * jlora-native}; a test holds the two against each other.
 */
@NullMarked
package dev.jlora.ffi.cuda;

import org.jspecify.annotations.NullMarked;
