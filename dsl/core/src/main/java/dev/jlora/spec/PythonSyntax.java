package dev.jlora.spec;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Translates a regular expression of Python's {@code re} to {@link Pattern}'s syntax. The two
 * differ in named groups, comments, flags, a few escapes, and in the meaning of characters in sets
 * and braces. Expressions that Python rejects are rejected, because an adapter with one could not
 * be loaded there.
 */
final class PythonSyntax {
  private static final Pattern REPETITION = Pattern.compile("\\{(\\d*)(,?)(\\d*)}");
  private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
  private static final Pattern FLAGS = Pattern.compile("([aiLmsux]*)(?:-([imsx]+))?([:)])");

  private final String source;
  private final StringBuilder java = new StringBuilder();
  private final Map<String, String> groups = new LinkedHashMap<>();
  private int at;

  PythonSyntax(String source) {
    this.source = source;
  }

  /**
   * The expression for {@link Pattern}.
   *
   * @throws IllegalArgumentException with the problem
   */
  String java() {
    while (at < source.length()) {
      char c = source.charAt(at);
      switch (c) {
        case '\\' -> escape(false);
        case '[' -> set();
        case '(' -> group();
        case '{' -> brace();
        case '}', ']' -> literal(c);
        default -> copy(1);
      }
    }
    return java.toString();
  }

  private void copy(int characters) {
    java.append(source, at, at + characters);
    at += characters;
  }

  private void literal(char c) {
    java.append('\\').append(c);
    at++;
  }

  private void escape(boolean inSet) {
    if (at + 1 >= source.length()) {
      throw new IllegalArgumentException("bad escape at the end of the pattern");
    }
    char c = source.charAt(at + 1);
    switch (c) {
      case 'Z', 'z' -> write(inSet, c, "\\z");
      case 'A', 'B' -> write(inSet, c, "\\" + c);
      case 'b' -> write(false, c, inSet ? "\\x08" : "\\b");
      case 'd', 'D', 's', 'S', 'w', 'W', 'f', 'n', 'r', 't' -> copy(2);
      case 'a' -> write(false, c, "\\x07");
      case 'v' -> write(false, c, "\\x0B");
      case 'x' -> hex(2);
      case 'u' -> hex(4);
      case 'U' -> hex(8);
      case '0' -> octal();
      default -> {
        if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
          throw new IllegalArgumentException("bad escape \\" + c);
        }
        boolean threeOctalDigits =
            at + 3 < source.length()
                && isOctal(c)
                && isOctal(source.charAt(at + 2))
                && isOctal(source.charAt(at + 3));
        if (threeOctalDigits || inSet && c >= '1' && c <= '9') {
          octal();
        } else {
          copy(2);
        }
      }
    }
  }

  private void write(boolean refused, char c, String text) {
    if (refused) {
      throw new IllegalArgumentException("bad escape \\" + c + " in a set");
    }
    java.append(text);
    at += 2;
  }

  private void hex(int digits) {
    int end = at + 2 + digits;
    String text = end <= source.length() ? source.substring(at + 2, end) : "";
    if (!text.matches("[0-9a-fA-F]+") || Long.parseLong(text, 16) > Character.MAX_CODE_POINT) {
      throw new IllegalArgumentException(
          "incomplete escape " + source.substring(at, Math.min(end, source.length())));
    }
    java.append("\\x{").append(text).append('}');
    at = end;
  }

  private void octal() {
    int end = at + 1;
    int value = 0;
    while (end < source.length() && end < at + 4 && isOctal(source.charAt(end))) {
      value = value * 8 + source.charAt(end) - '0';
      end++;
    }
    if (end == at + 1 || value > 0377) {
      throw new IllegalArgumentException("bad escape \\" + source.charAt(at + 1));
    }
    java.append("\\x{%x}".formatted(value));
    at = end;
  }

  private static boolean isOctal(char c) {
    return c >= '0' && c <= '7';
  }

  /**
   * Translates a set: in Java, brackets nest, two ampersands intersect, and the first character is
   * not literal.
   */
  private void set() {
    copy(1);
    if (at < source.length() && source.charAt(at) == '^') {
      copy(1);
    }
    for (boolean first = true; ; first = false) {
      if (at >= source.length()) {
        throw new IllegalArgumentException("unterminated character set");
      }
      char c = source.charAt(at);
      if (c == ']' && !first) {
        copy(1);
        return;
      }
      switch (c) {
        case '\\' -> escape(true);
        case '[', ']', '&', '^', '#', ' ' -> literal(c);
        default -> copy(1);
      }
    }
  }

  private void brace() {
    Matcher repetition = REPETITION.matcher(source).region(at, source.length());
    if (!repetition.lookingAt() || repetition.group().equals("{}")) {
      literal('{');
      return;
    }
    String least = repetition.group(1);
    java.append('{').append(least.isEmpty() ? "0" : least);
    java.append(repetition.group(2)).append(repetition.group(3)).append('}');
    at = repetition.end();
  }

  private void group() {
    if (!source.startsWith("(?", at)) {
      copy(1);
    } else if (source.startsWith("(?P<", at)) {
      String name = name(at + 4, '>');
      String own = "group" + groups.size();
      if (groups.putIfAbsent(name, own) != null) {
        throw new IllegalArgumentException("redefinition of the group name '" + name + "'");
      }
      java.append("(?<").append(own).append('>');
    } else if (source.startsWith("(?P=", at)) {
      String name = name(at + 4, ')');
      if (!groups.containsKey(name)) {
        throw new IllegalArgumentException("unknown group name '" + name + "'");
      }
      java.append("\\k<").append(groups.get(name)).append('>');
    } else if (source.startsWith("(?#", at)) {
      int end = source.indexOf(')', at);
      if (end < 0) {
        throw new IllegalArgumentException("a comment without its closing parenthesis");
      }
      at = end + 1;
    } else if (startsWithAny("(?:", "(?=", "(?!", "(?>")) {
      copy(3);
    } else if (startsWithAny("(?<=", "(?<!")) {
      copy(4);
    } else {
      flags();
    }
  }

  private boolean startsWithAny(String... openings) {
    return Stream.of(openings).anyMatch(opening -> source.startsWith(opening, at));
  }

  private String name(int from, char closing) {
    int end = source.indexOf(closing, from);
    String name = end < 0 ? "" : source.substring(from, end);
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("bad or unterminated group name");
    }
    at = end + 1;
    return name;
  }

  private void flags() {
    Matcher flags = FLAGS.matcher(source).region(at + 2, source.length());
    if (!flags.lookingAt()) {
      String opening = source.substring(at, Math.min(at + 4, source.length()));
      throw new IllegalArgumentException(
          source.startsWith("(?(", at)
              ? "groups that depend on another group, (?(...), are not supported"
              : "unknown extension %s (named groups are written (?P<name>...))".formatted(opening));
    }
    String on = flags.group(1).replaceAll("[aLu]", "");
    String off = flags.group(2) == null ? "" : "-" + flags.group(2);
    boolean wholePattern = flags.group(3).equals(")");
    if (!wholePattern || !on.isEmpty() || !off.isEmpty()) {
      java.append("(?").append(on).append(off).append(flags.group(3));
    }
    at = flags.end();
  }
}
