/** IA3: learned factors for the inputs or outputs of modules. */
@NullMarked
package dev.jlora.adapters.ia3;

import org.jspecify.annotations.NullMarked;
