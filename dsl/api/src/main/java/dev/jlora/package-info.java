/**
 * The way in: {@code import static dev.jlora.Jlora.*;}, then a job reads as a sentence. See {@link
 * dev.jlora.Jlora}.
 */
@NullMarked
package dev.jlora;

import org.jspecify.annotations.NullMarked;
