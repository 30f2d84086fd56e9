package dev.jlora.io;

import java.util.Locale;

/** Formats counts with their nouns: {@code 1 step}, {@code 2,048 rows}. */
public final class Amount {
  private Amount() {}

  /** A count with a noun whose plural ends in s. */
  public static String of(long count, String singular) {
    return of(count, singular, singular + "s");
  }

  /** A count with a noun that has an irregular plural. */
  public static String of(long count, String singular, String plural) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? singular : plural);
  }
}
