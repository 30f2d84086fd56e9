package dev.jlora.cli;

import dev.jlora.engine.Signals;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a Java machine that runs a user's code is started with, as the launcher starts jlora. */
final class JavaOptions {
  /** Names the environment variable of a user's own options. */
  static final String VARIABLE = "JLORA_OPTS";

  private static final List<String> OURS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow", // Guice and Guava still use it
          "-D" + Signals.PROPERTY + "=true");

  private JavaOptions() {}

  /** What jlora needs, then what the user wants. */
  static List<String> all() {
    return all(System.getenv(VARIABLE));
  }

  /** With options that white space separates, as in the launcher. */
  static List<String> all(@Nullable String own) {
    Stream<String> words = own == null ? Stream.of() : Stream.of(own.strip().split("\\s+"));
    return Stream.concat(OURS.stream(), words.filter(word -> !word.isEmpty())).toList();
  }
}
