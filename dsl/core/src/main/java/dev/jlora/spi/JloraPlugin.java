package dev.jlora.spi;

import com.google.inject.Module;

/**
 * Entry point of a plugin: a public class with a public constructor without parameters, which is a
 * Guice module and is named in {@code META-INF/services/dev.jlora.spi.JloraPlugin}. Its {@code
 * configure} binds the plugin's parts:
 *
 * <pre>{@code
 * public void configure(Binder binder) {
 *   Contributions.of(binder).family(new BertFamily());
 * }
 * }</pre>
 */
public interface JloraPlugin extends Module {

  /** The plugin's name in errors and in {@code info}. */
  default String name() {
    String simple = getClass().getSimpleName();
    return simple.endsWith("Plugin") ? simple.substring(0, simple.length() - 6) : simple;
  }
}
