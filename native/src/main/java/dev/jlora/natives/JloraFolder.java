package dev.jlora.natives;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * jlora's per-user folder, {@code ~/.jlora}: unpacked libraries in {@code natives}, plugins in
 * {@code plugins}. The system property {@code jlora.cache} or the environment variable {@code
 * JLORA_CACHE} moves it.
 */
public final class JloraFolder {
  static final String PROPERTY = "jlora.cache";
  static final String VARIABLE = "JLORA_CACHE";

  private JloraFolder() {}

  /** The absolute path; the folder may not exist yet. */
  public static Path get() {
    return of(System::getProperty, System.getenv());
  }

  static Path of(Function<String, @Nullable String> properties, Map<String, String> variables) {
    return Stream.of(
            Optional.ofNullable(properties.apply(PROPERTY)),
            Optional.ofNullable(variables.get(VARIABLE)))
        .flatMap(Optional::stream)
        .filter(text -> !text.isBlank())
        .findFirst()
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".jlora"))
        .toAbsolutePath();
  }
}
