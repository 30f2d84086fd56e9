/** VeRA: trained vectors between two frozen random matrices that all targets share. */
@NullMarked
package dev.jlora.adapters.vera;

import org.jspecify.annotations.NullMarked;
