/** FourierFT: a change of the weight with a sparse spectrum. */
@NullMarked
package dev.jlora.adapters.fourierft;

import org.jspecify.annotations.NullMarked;
