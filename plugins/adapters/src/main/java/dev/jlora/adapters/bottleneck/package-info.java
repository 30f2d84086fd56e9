/** Bottleneck adapters: a small trained network after, or beside, modules. */
@NullMarked
package dev.jlora.adapters.bottleneck;

import org.jspecify.annotations.NullMarked;
