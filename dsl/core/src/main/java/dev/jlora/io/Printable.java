package dev.jlora.io;

/** Makes text from files safe for a terminal: control characters become visible escapes. */
public final class Printable {
  private Printable() {}

  /** Escapes every control character, including line ends and tabs. */
  public static String line(String text) {
    return text.chars().anyMatch(Character::isISOControl) ? escaped(text) : text;
  }

  private static String escaped(String text) {
    StringBuilder safe = new StringBuilder();
    for (char c : text.toCharArray()) {
      switch (c) {
        case '\n' -> safe.append("\\n");
        case '\t' -> safe.append("\\t");
        case '\r' -> safe.append("\\r");
        default -> safe.append(Character.isISOControl(c) ? "\\u%04x".formatted((int) c) : c);
      }
    }
    return safe.toString();
  }
}
