package dev.jlora.natives;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * User settings for the location of libtorch. A system property overrides the corresponding
 * environment variable.
 *
 * @param libtorch folder of an installed libtorch, if one is set
 * @param source the setting that named it
 * @param cache folder for unpacked files, {@code ~/.jlora} unless moved
 * @param fullVerification whether digests of unpacked files are compared on every start
 */
record Settings(
    @Nullable Path libtorch, NativeTorch.Source source, Path cache, boolean fullVerification) {
  static final String LIBTORCH_PROPERTY = "jlora.libtorch";
  static final String LIBTORCH_VARIABLE = "JLORA_LIBTORCH";
  static final String VERIFY_PROPERTY = "jlora.verify";

  static Settings current() {
    return of(System::getProperty, System.getenv());
  }

  static Settings of(Function<String, @Nullable String> properties, Map<String, String> variables) {
    Optional<String> property = text(properties.apply(LIBTORCH_PROPERTY));
    Optional<String> variable = text(variables.get(LIBTORCH_VARIABLE));
    NativeTorch.Source source =
        property.isPresent()
            ? NativeTorch.Source.PROPERTY
            : variable.isPresent() ? NativeTorch.Source.ENVIRONMENT : NativeTorch.Source.MAVEN;
    return new Settings(
        property.or(() -> variable).map(Path::of).map(Path::toAbsolutePath).orElse(null),
        source,
        JloraFolder.of(properties, variables),
        "full".equals(properties.apply(VERIFY_PROPERTY)));
  }

  private static Optional<String> text(@Nullable String value) {
    return Optional.ofNullable(value).filter(text -> !text.isBlank());
  }
}
