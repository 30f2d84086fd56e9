/** MiSS: a block of the weight's change, shared along the inputs. */
@NullMarked
package dev.jlora.adapters.miss;

import org.jspecify.annotations.NullMarked;
