package dev.jlora.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.util.regex.Pattern;

/**
 * Explains why a text is not valid JSON. Jackson's own messages also name Java classes and parser
 * features, which mean nothing to the author of a file.
 */
public final class JsonMessages {
  /** Jackson's format of a position in a message. */
  private static final Pattern SOURCE =
      Pattern.compile("\\[Source: [^;]*; line: (\\d+), column: (\\d+)\\]");

  /** Hints about parser settings, which the author of a file cannot change. */
  private static final Pattern SETTINGS =
      Pattern.compile(
          ", from `[^`]*`"
              + "|: enable `[^`]*` to allow"
              + "| \\([^()]*not enabled for parser\\)"
              + "|: maybe a \\(non-standard\\) comment\\?");

  private JsonMessages() {}

  /** The reason, as the end of a sentence. */
  public static String problem(JsonProcessingException e) {
    if (e instanceof MismatchedInputException) {
      return "there is text after the end of the value";
    }
    String placed = SOURCE.matcher(e.getOriginalMessage()).replaceAll("line $1, column $2");
    return SETTINGS.matcher(placed).replaceAll("");
  }
}
