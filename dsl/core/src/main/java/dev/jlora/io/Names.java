package dev.jlora.io;

import dev.jlora.spec.Nearest;
import java.util.Collection;
import java.util.stream.Collectors;

/** Lists of names for error texts: short, and the likeliest first. */
public final class Names {
  private static final int SHOWN = 5;

  private Names() {}

  /** The few of {@code names} that look most like {@code wanted}, and how many more there are. */
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
