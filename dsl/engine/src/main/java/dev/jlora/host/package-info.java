/**
 * Finds the plugins, on the class path and in the plugin folder, and puts their parts together in
 * one injector. Start at {@link dev.jlora.host.Plugins}.
 */
@NullMarked
package dev.jlora.host;

import org.jspecify.annotations.NullMarked;
