package dev.jlora.natives;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a user can say about where libtorch lies: a system property wins over the environment
 * variable beside it.
 *
 * @param libtorch folder of an installed libtorch, if one was named
 * @param source who named it
 * @param cache folder that holds what jlora unpacks, {@code ~/.jlora} unless moved
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
