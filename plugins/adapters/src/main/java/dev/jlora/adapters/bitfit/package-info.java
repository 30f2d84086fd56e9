/** BitFit: only biases are trained. */
@NullMarked
package dev.jlora.adapters.bitfit;

import org.jspecify.annotations.NullMarked;
