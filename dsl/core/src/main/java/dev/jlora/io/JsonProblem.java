package dev.jlora.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.jlora.spec.JsonMessages;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Describes Jackson's errors in terms of JSON. Its own messages name Java classes and parser
 * features, which mean nothing to the author of a file.
 */
public final class JsonProblem {
  private static final Pattern MISSING =
      Pattern.compile("Missing required creator property '([^']+)'.*", Pattern.DOTALL);

  private JsonProblem() {}

  /** The reason why a text is not valid JSON, as the end of a sentence. */
  public static String ofText(JsonProcessingException e) {
    return JsonMessages.problem(e);
  }

  /** {@code 'step' is "four", expected a whole number}. */
  static String ofValue(JsonNode root, JsonProcessingException e) {
    Matcher missing = MISSING.matcher(String.valueOf(e.getOriginalMessage()));
    if (missing.matches()) {
      return "'%s' is missing".formatted(missingKey(e, missing.group(1)));
    }
    if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
      return cause(e);
    }
    StringBuilder key = new StringBuilder();
    JsonNode node = root;
    for (var part : mapping.getPath()) {
      boolean item = part.getFieldName() == null;
      key.append(step(part));
      node = item ? node.path(part.getIndex()) : node.path(part.getFieldName());
    }
    if (!(e instanceof MismatchedInputException input) || input.getTargetType() == null) {
      return "'%s': %s".formatted(key.substring(1), cause(e));
    }
    return "'%s' is %s, expected %s"
        .formatted(
            key.substring(1),
            node.isMissingNode() ? "missing" : shortened(node.toString()),
            name(input.getTargetType()));
  }

  private static String missingKey(JsonProcessingException e, String last) {
    StringBuilder key = new StringBuilder();
    if (e instanceof JsonMappingException mapping) {
      mapping.getPath().forEach(part -> key.append(step(part)));
    }
    return key.isEmpty() ? last : key.substring(1);
  }

  private static String step(JsonMappingException.Reference part) {
    return part.getFieldName() == null ? "[" + part.getIndex() + "]" : "." + part.getFieldName();
  }

  private static String cause(JsonProcessingException e) {
    Throwable cause = e.getCause();
    return cause == null || cause.getMessage() == null
        ? e.getOriginalMessage()
        : cause.getMessage();
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  private static String name(Class<?> type) {
    if (type == long.class || type == Long.class || type == int.class || type == Integer.class) {
      return "a whole number";
    }
    if (type == double.class || type == Double.class) {
      return "a number";
    }
    return type == String.class
        ? "a text"
        : java.util.Collection.class.isAssignableFrom(type) ? "a list" : "an object";
  }
}
