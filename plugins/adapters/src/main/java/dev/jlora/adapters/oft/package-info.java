/** OFT: rotations of blocks of the inputs. */
@NullMarked
package dev.jlora.adapters.oft;

import org.jspecify.annotations.NullMarked;
