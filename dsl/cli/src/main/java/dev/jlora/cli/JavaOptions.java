package dev.jlora.cli;

import dev.jlora.engine.training.Signals;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The options of a JVM that runs a user's code, the same as the launcher's. */
final class JavaOptions {
  /** The environment variable with the user's own options. */
  static final String VARIABLE = "JLORA_OPTS";

  private static final List<String> OURS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow", // Guice and Guava still use it
          "-D" + Signals.PROPERTY + "=true");

  private JavaOptions() {}

  /** jlora's options, followed by the user's. */
  static List<String> all() {
    return all(System.getenv(VARIABLE));
  }

  /** With user options separated by white space, as in the launcher. */
  static List<String> all(@Nullable String own) {
    Stream<String> words = own == null ? Stream.of() : Stream.of(own.strip().split("\\s+"));
    return Stream.concat(OURS.stream(), words.filter(word -> !word.isEmpty())).toList();
  }
}
