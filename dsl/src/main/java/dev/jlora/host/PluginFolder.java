package dev.jlora.host;

import dev.jlora.natives.JloraFolder;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder whose jars are plugins: {@code plugins} in {@link JloraFolder}, unless the property
 * {@code jlora.plugins} or the environment variable {@code JLORA_PLUGINS} names another.
 */
public final class PluginFolder {
  public static final String PROPERTY = "jlora.plugins";
  public static final String VARIABLE = "JLORA_PLUGINS";

  private PluginFolder() {}

  public static Path path() {
    String named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    return named != null && !named.isBlank()
        ? Path.of(named)
        : JloraFolder.get().resolve("plugins");
  }

  /** The jars in {@code folder}, by name; none where there is no such folder. */
  static List<Path> jars(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new PluginException(
          folder + ": the plugin folder cannot be read (" + e + "); check its permissions", e);
    }
  }

  /** A loader for each jar, so that two plugins may bring different versions of a library. */
  static List<ClassLoader> loaders(Path folder, ClassLoader parent) {
    return jars(folder).stream().map(jar -> loader(jar, parent)).toList();
  }

  private static ClassLoader loader(Path jar, ClassLoader parent) {
    try {
      return new URLClassLoader(
          jar.getFileName().toString(), new URL[] {jar.toUri().toURL()}, parent);
    } catch (MalformedURLException e) {
      throw new PluginException(jar + ": not a path that a class loader takes", e);
    }
  }
}
