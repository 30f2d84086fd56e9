/** LN tuning: normalizations trained in full, as copies that belong to the adapter. */
@NullMarked
package dev.jlora.adapters.norms;

import org.jspecify.annotations.NullMarked;
