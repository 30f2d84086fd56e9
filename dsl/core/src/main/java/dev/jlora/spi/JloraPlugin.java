package dev.jlora.spi;

import com.google.inject.Module;

/**
 * Entry point of a plugin: a public class with a public constructor without parameters, a Guice
 * module, named in {@code META-INF/services/dev.jlora.spi.JloraPlugin}. Its {@code configure} binds
 * what it brings:
 *
 * <pre>{@code
 * public void configure(Binder binder) {
 *   Contributions.of(binder).family(new BertFamily());
 * }
 * }</pre>
 */
public interface JloraPlugin extends Module {

  /** What the plugin is called in errors and by {@code info}. */
  default String name() {
    String simple = getClass().getSimpleName();
    return simple.endsWith("Plugin") ? simple.substring(0, simple.length() - 6) : simple;
  }
}
