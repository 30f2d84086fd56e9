package dev.jlora.adapters;

import dev.jlora.spec.Targets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PEFT's rules for which module a name in a config means. */
final class ModuleNames {
  private ModuleNames() {}

  /** The exact name, or its end at a dot: {@code query} means {@code ....self.query}. */
  static boolean isNamed(String path, String name) {
    return path.equals(name) || path.endsWith("." + name);
  }

  /** Whether names or a regular expression (which must match the whole path) mean this module. */
  static boolean matches(Targets targets, String path) {
    return switch (targets) {
      case Targets.Names names -> names.names().stream().anyMatch(name -> isNamed(path, name));
      case Targets.Regex regex -> pattern(regex.pattern()).matcher(path).matches();
      case Targets.AllLinear _ ->
          throw new IllegalArgumentException("all-linear depends on the model, not on a name");
    };
  }

  /**
   * The value of the first key that matches the end of the path at a dot, as {@code rank_pattern}
   * and {@code alpha_pattern} have it; {@code otherwise} if none does.
   */
  static <T> T ofPattern(Map<String, T> patterns, String path, T otherwise) {
    for (Map.Entry<String, T> entry : patterns.entrySet()) {
      if (pattern("(.*\\.)?(" + entry.getKey() + ")$").matcher(path).lookingAt()) {
        return entry.getValue();
      }
    }
    return otherwise;
  }

  /**
   * The index of the layer that the path is in, or -1.
   *
   * @param before the name before the index ({@code layer}); empty for any
   */
  static int layerOf(String path, String before) {
    String name = before.isEmpty() ? "[^.]*" : "(?:" + before + ")";
    Matcher matcher = pattern(".*\\." + name + "\\.(\\d+)\\.").matcher(path);
    return matcher.lookingAt() ? Integer.parseInt(matcher.group(1)) : -1;
  }

  /** Python's named groups are the one thing that Java writes otherwise. */
  private static Pattern pattern(String regex) {
    return Pattern.compile(regex.replace("(?P<", "(?<"));
  }
}
