/** HRA: Householder reflections of the inputs. */
@NullMarked
package dev.jlora.adapters.hra;

import org.jspecify.annotations.NullMarked;
