package dev.jlora.host;

import dev.jlora.io.InputFile;
import dev.jlora.natives.JloraFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of plugin jars: {@code plugins} in {@link JloraFolder}, unless the property {@code
 * jlora.plugins} or the environment variable {@code JLORA_PLUGINS} names another.
 */
public final class PluginFolder {
  public static final String PROPERTY = "jlora.plugins";
  public static final String VARIABLE = "JLORA_PLUGINS";

  private PluginFolder() {}

  public static Path path() {
    return named().map(Path::of).orElseGet(() -> JloraFolder.get().resolve("plugins"));
  }

  private static Optional<String> named() {
    return Optional.ofNullable(System.getProperty(PROPERTY, System.getenv(VARIABLE)))
        .filter(name -> !name.isBlank());
  }

  /** The problem of the folder itself: it is a file, or was named and does not exist. */
  static Optional<String> warning() {
    return warning(path(), named().isPresent());
  }

  static Optional<String> warning(Path folder, boolean named) {
    String by = named ? ", which " + PROPERTY + " or " + VARIABLE + " names," : "";
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      return Optional.of(
          "%s%s is no folder: no plugin is taken from there; name the folder that holds the jars"
              .formatted(folder, by));
    }
    return named && !Files.exists(folder)
        ? Optional.of("%s%s is not there: no plugin is taken from it".formatted(folder, by))
        : Optional.empty();
  }

  /** The jars in {@code folder}, by name; none if it does not exist. */
  static List<Path> jars(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new PluginException(
          folder
              + ": the plugin folder cannot be read ("
              + InputFile.reason(e)
              + "); check its permissions",
          e);
    }
  }
}
