/**
 * The interfaces that plugins implement. A plugin is a {@link dev.jlora.spi.JloraPlugin}: a Guice
 * module, named in a {@link java.util.ServiceLoader} file, that binds its parts by name. The engine
 * uses plugins only through these interfaces, and a plugin needs only them and the packages below.
 *
 * <p>Contributions are created once per process and are stateless; objects they create belong to
 * the caller.
 */
@NullMarked
package dev.jlora.spi;

import org.jspecify.annotations.NullMarked;
