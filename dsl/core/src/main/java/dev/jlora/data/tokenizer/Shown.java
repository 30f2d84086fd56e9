package dev.jlora.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;

/** Formats parts of a file for messages: short, and without control characters. */
final class Shown {
  private static final int LONGEST = 60;

  private Shown() {}

  static String of(JsonNode value) {
    return value.isMissingNode() ? "nothing" : of(value.toString(), "");
  }

  static String of(String text) {
    return of(text, "'");
  }

  private static String of(String text, String quote) {
    String clean = text.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
    return quote + (clean.length() > LONGEST ? clean.substring(0, LONGEST) + "..." : clean) + quote;
  }
}
