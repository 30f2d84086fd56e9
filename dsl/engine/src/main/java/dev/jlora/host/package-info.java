/**
 * Finds plugins on the class path and in the plugin folder, and creates their parts. Start at
 * {@link dev.jlora.host.Plugins}.
 */
@NullMarked
package dev.jlora.host;

import org.jspecify.annotations.NullMarked;
