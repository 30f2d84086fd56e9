package dev.jlora.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Lists names in messages: those similar to a name that does not exist, and the others sorted. */
public final class Nearest {
  /** Minimum length of a meaningful part of a name. */
  private static final int WORD = 3;

  private Nearest() {}

  /** {@code names}, most similar first. */
  public static List<String> first(String wanted, Collection<String> names) {
    return names.stream()
        .sorted(
            Comparator.comparingInt((String name) -> distance(wanted, name))
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  /** The most similar of {@code names}, if it is similar enough to have been meant. */
  public static Optional<String> to(String wanted, Collection<String> names) {
    return first(wanted, names).stream().findFirst().filter(name -> similar(wanted, name));
  }

  /**
   * All of {@code names} for a message: those that may have been meant, most similar first, then
   * the others in alphabetical order: {@code 'sgd', 'adafactor', 'adamw'} for {@code sgdm}.
   */
  public static String list(String wanted, Collection<String> names) {
    return quoted(
        names.stream()
            .distinct()
            .sorted(
                Comparator.comparingInt(
                        (String name) ->
                            similar(wanted, name) ? distance(wanted, name) : Integer.MAX_VALUE)
                    .thenComparing(Comparator.naturalOrder()))
            .toList());
  }

  /** All of {@code names} for a message, in alphabetical order: {@code 'adamw', 'sgd'}. */
  public static String list(Collection<String> names) {
    return quoted(names.stream().distinct().sorted().toList());
  }

  private static String quoted(List<String> names) {
    return names.isEmpty() ? "none" : "'" + String.join("', '", names) + "'";
  }

  /** Whether {@code name} may have been meant by {@code wanted}. */
  private static boolean similar(String wanted, String name) {
    return distance(wanted, name) <= Math.max(wanted.length() < WORD ? 0 : 1, wanted.length() / 2);
  }

  /** Levenshtein distance; 1 if one name contains the other, of three letters or more. */
  private static int distance(String a, String b) {
    boolean contained =
        Math.min(a.length(), b.length()) >= WORD && (a.contains(b) || b.contains(a));
    return contained ? 1 : edits(a, b);
  }

  /** Levenshtein distance: the number of letters to insert, delete or replace. */
  public static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, 1 + Math.min(diagonal, row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
