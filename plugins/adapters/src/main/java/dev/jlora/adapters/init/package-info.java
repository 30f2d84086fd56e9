/** Initializations of the LoRA matrices from a module's weight or from training data. */
@NullMarked
package dev.jlora.adapters.init;

import org.jspecify.annotations.NullMarked;
