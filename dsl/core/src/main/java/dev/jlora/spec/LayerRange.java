package dev.jlora.spec;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Consecutive layers of a model, from {@code start} up to but excluding {@code end}; an element of
 * PEFT's {@code layer_replication}.
 */
public record LayerRange(int start, int end) implements SpecValue {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,6}):([0-9]{1,6})");

  /** PEFT's notation: {@code [start, end]}. */
  @Override
  public Object json() {
    return List.of(start, end);
  }

  /** Parses the result of {@link #json}, or Python's {@code start:end}. */
  public static LayerRange of(Object json) {
    if (json instanceof List<?> list
        && list.size() == 2
        && list.get(0) instanceof Integer start
        && list.get(1) instanceof Integer end) {
      return new LayerRange(start, end);
    }
    Matcher text = TEXT.matcher(json.toString());
    if (json instanceof String && text.matches()) {
      return new LayerRange(Integer.parseInt(text.group(1)), Integer.parseInt(text.group(2)));
    }
    throw new IllegalArgumentException(
        "got %s, expected a first layer and the one after the last, such as [0, 2]"
            .formatted(json));
  }

  /** Number of layers. */
  public int size() {
    return end - start;
  }
}
