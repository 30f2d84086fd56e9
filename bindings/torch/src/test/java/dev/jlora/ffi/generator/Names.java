package dev.jlora.ffi.generator;

import java.util.regex.Pattern;

/** Names of Java for names of C. */
final class Names {
  private static final Pattern VERSION = Pattern.compile("_v\\d+$");
  private static final Pattern SEPARATOR = Pattern.compile("_+(\\w)");
  private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  private Names() {}

  /**
   * The method for a function: its name without version and without the first of the prefixes that
   * it has, in camel case.
   *
   * @param prefixes separated by spaces
   */
  static String java(String function, String prefixes) {
    String name = VERSION.matcher(function).replaceFirst("");
    for (String prefix : prefixes.split(" ")) {
      if (name.startsWith(prefix)) {
        name = name.substring(prefix.length());
        break;
      }
    }
    String camel = camel(name);
    return Character.toLowerCase(camel.charAt(0)) + camel.substring(1);
  }

  /** {@code some_name} as {@code someName}. */
  static String camel(String name) {
    return SEPARATOR.matcher(name).replaceAll(found -> found.group(1).toUpperCase());
  }

  /** The class that holds the handle of a method. */
  static String holder(String method) {
    return Character.toUpperCase(method.charAt(0)) + method.substring(1);
  }

  /** The constant that holds the descriptor of a method. */
  static String constant(String method) {
    return HUMP.matcher(method).replaceAll("_").toUpperCase();
  }
}
