package dev.jlora.datasets;

import dev.jlora.data.ReadOptions;

/**
 * Determines the delimiter of a CSV file: the job's, else that of a first line {@code sep=;} as
 * written by Excel, else the one that the first line suggests. In languages with decimal commas,
 * Excel separates cells by semicolons.
 */
final class Delimiter {
  private static final String CANDIDATES = ",;\t|";
  private static final String DECLARATION = "sep=";

  private Delimiter() {}

  /** The delimiter declared by a line such as {@code sep=;}; 0 if it declares none. */
  static char declared(String line) {
    boolean declares =
        line.length() == DECLARATION.length() + 1
            && line.charAt(line.length() - 1) != '"' // encloses cells, and cannot separate them
            && line.regionMatches(/* ignoreCase= */ true, 0, DECLARATION, 0, DECLARATION.length());
    return declares ? line.charAt(DECLARATION.length()) : 0;
  }

  /**
   * The delimiter of a table.
   *
   * @param line its first line, after any declaration
   */
  static char of(String line, char declared, ReadOptions options) {
    if (options.delimiter() != null) {
      return options.delimiter().charAt(0);
    }
    if (declared != 0) {
      return declared;
    }
    int columns = options.columns().size();
    for (char candidate : CANDIDATES.toCharArray()) {
      int separators = separators(line, candidate);
      boolean fits = columns > 1 ? separators == columns - 1 : candidate != '|' && separators > 0;
      if (fits) {
        return candidate;
      }
    }
    return ',';
  }

  /** Number of occurrences of a character outside quotes. */
  private static int separators(String line, char candidate) {
    int count = 0;
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      quoted ^= line.charAt(i) == '"';
      count += !quoted && line.charAt(i) == candidate ? 1 : 0;
    }
    return count;
  }
}
