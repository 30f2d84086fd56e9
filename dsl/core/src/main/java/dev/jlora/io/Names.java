package dev.jlora.io;

import dev.jlora.spec.Nearest;
import java.util.Collection;
import java.util.stream.Collectors;

/** Formats lists of names for error messages: short, most similar names first. */
public final class Names {
  private static final int SHOWN = 5;

  private Names() {}

  /** The few of {@code names} that are most similar to {@code wanted}, and the number of others. */
  public static String some(Collection<String> names, String wanted) {
    if (names.isEmpty()) {
      return "none";
    }
    String shown =
        Nearest.first(wanted, names).stream()
            .limit(SHOWN)
            .map(name -> "'" + name + "'")
            .collect(Collectors.joining(", "));
    int more = names.size() - SHOWN;
    return more > 0 ? shown + " and %,d more".formatted(more) : shown;
  }
}
