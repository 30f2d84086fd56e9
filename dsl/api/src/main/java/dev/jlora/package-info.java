/** The Java API: {@code import static dev.jlora.Jlora.*;}. See {@link dev.jlora.Jlora}. */
@NullMarked
package dev.jlora;

import org.jspecify.annotations.NullMarked;
