package dev.jlora.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.util.regex.Pattern;

/**
 * Why a text is no JSON. Jackson's own messages also name Java classes and parser features, which
 * say nothing to the author of a file.
 */
public final class JsonWords {
  /** How Jackson names a place inside a message. */
  private static final Pattern SOURCE =
      Pattern.compile("\\[Source: [^;]*; line: (\\d+), column: (\\d+)\\]");

  /** Settings of the parser, which are not the author's to change. */
  private static final Pattern SETTINGS =
      Pattern.compile(
          ", from `[^`]*`"
              + "|: enable `[^`]*` to allow"
              + "| \\([^()]*not enabled for parser\\)"
              + "|: maybe a \\(non-standard\\) comment\\?");

  private JsonWords() {}

  /** The reason, as the end of a sentence. */
  public static String problem(JsonProcessingException e) {
    if (e instanceof MismatchedInputException) {
      return "more text follows the end of the value";
    }
    String placed = SOURCE.matcher(e.getOriginalMessage()).replaceAll("line $1, column $2");
    return SETTINGS.matcher(placed).replaceAll("");
  }
}
