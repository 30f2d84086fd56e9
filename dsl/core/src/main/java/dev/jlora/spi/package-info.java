/**
 * What a plugin implements. A plugin is a {@link dev.jlora.spi.JloraPlugin}: a Guice module, found
 * through {@link java.util.ServiceLoader}, that binds its parts by name. The engine sees a plugin
 * through these interfaces alone, and a plugin needs nothing but them and what lies below.
 *
 * <p>Contributions are created once per process and are stateless; what they create belongs to the
 * caller.
 */
@NullMarked
package dev.jlora.spi;

import org.jspecify.annotations.NullMarked;
