package dev.jlora.cuda.backend;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The operator families for which jlora has kernels, under their names in settings. */
enum Family {
  DROPOUT,
  NORM,
  GELU,
  LOSS,
  EMBEDDING,
  LORA,
  ADAM;

  /**
   * Parses {@code jlora.cuda.kernels}: {@code on}, {@code off}, or comma-separated names.
   *
   * @throws IllegalArgumentException for any other word
   */
  static Set<Family> read(String text) {
    String words = text.strip().toLowerCase(Locale.ROOT);
    if (words.equals("on")) {
      return EnumSet.allOf(Family.class);
    }
    Set<Family> found = EnumSet.noneOf(Family.class);
    if (!words.equals("off")) {
      for (String word : words.split(",")) {
        found.add(named(word.strip(), text));
      }
    }
    return found;
  }

  private static Family named(String word, String text) {
    return Arrays.stream(values())
        .filter(family -> family.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "jlora.cuda.kernels: got '%s', expected on, off, or a comma-separated list of %s"
                        .formatted(text, words(EnumSet.allOf(Family.class)))));
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static String words(Set<Family> families) {
    return families.stream().map(Family::word).collect(Collectors.joining(", "));
  }
}
