package dev.jlora.io;

import java.util.Collection;
import java.util.Comparator;
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
        names.stream()
            .sorted(
                Comparator.<String>comparingInt(name -> distance(name, wanted))
                    .thenComparing(Comparator.naturalOrder()))
            .limit(SHOWN)
            .map(name -> "'" + name + "'")
            .collect(Collectors.joining(", "));
    int more = names.size() - SHOWN;
    return more > 0 ? shown + " and %,d more".formatted(more) : shown;
  }

  /** Levenshtein distance: single-character edits from {@code a} to {@code b}. */
  public static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, 1 + Math.min(above, row[j - 1]));
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
