/** A declared model bound to its weights. */
@NullMarked
package dev.jlora.model.network;

import org.jspecify.annotations.NullMarked;
