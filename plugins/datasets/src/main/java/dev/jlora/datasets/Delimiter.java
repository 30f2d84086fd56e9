package dev.jlora.datasets;

import dev.jlora.data.ReadOptions;

/**
 * What separates the cells of a CSV file: what the job says, else a first line {@code sep=;} as
 * Excel writes it, else what the first line shows. Where Excel's language writes numbers with a
 * comma, it separates cells by semicolons.
 */
final class Delimiter {
  private static final String CANDIDATES = ",;\t|";
  private static final String DECLARATION = "sep=";

  private Delimiter() {}

  /** The character that a first line such as {@code sep=;} declares; 0 where it is no such line. */
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

  /** How often a character stands outside quotes. */
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
