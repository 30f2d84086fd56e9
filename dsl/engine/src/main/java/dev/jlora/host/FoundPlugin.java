package dev.jlora.host;

import dev.jlora.spi.JloraPlugin;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;

/**
 * A plugin and its location.
 *
 * @param source its jar, or its folder of classes
 */
public record FoundPlugin(JloraPlugin plugin, String source) {

  static FoundPlugin of(JloraPlugin plugin) {
    CodeSource code = plugin.getClass().getProtectionDomain().getCodeSource();
    return new FoundPlugin(plugin, code == null ? "an unknown place" : path(code));
  }

  private static String path(CodeSource code) {
    try {
      return Path.of(code.getLocation().toURI()).toString();
    } catch (URISyntaxException | IllegalArgumentException e) {
      return code.getLocation().toString();
    }
  }

  /** Its own name; its class if that fails. */
  public String name() {
    try {
      return plugin.name();
    } catch (RuntimeException | LinkageError e) {
      return plugin.getClass().getSimpleName();
    }
  }

  /** Name, class and jar, for errors. */
  String where() {
    return "%s (%s in %s)".formatted(name(), plugin.getClass().getName(), source);
  }
}
