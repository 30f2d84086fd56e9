package dev.jlora.peft;

import dev.jlora.model.ModelException;
import dev.jlora.spec.PythonRegex;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Values that some modules have instead of the usual one, as {@code rank_pattern} and {@code
 * alpha_pattern} have them: each pattern is a regular expression for the end of a path at a dot,
 * and the first that matches decides.
 */
public final class PatternValues<T> {
  private final String key;
  private final Map<String, PythonRegex> patterns = new LinkedHashMap<>();
  private final Map<String, T> values;

  /**
   * Compiles the patterns.
   *
   * @param key what a configuration calls them, for errors: {@code rank_pattern}
   */
  public PatternValues(String key, Map<String, T> values) {
    this(key, values, new PythonRegex.Budget());
  }

  /** The same for patterns that share a budget of steps with others. */
  public PatternValues(String key, Map<String, T> values, PythonRegex.Budget budget) {
    this.key = key;
    this.values = values;
    values.keySet().forEach(it -> patterns.put(it, PythonRegex.compile(ending(it), budget)));
  }

  private static String ending(String pattern) {
    return "(.*\\.)?(" + pattern + ")$";
  }

  /** What a configuration calls the values. */
  public String key() {
    return key;
  }

  /** The patterns, in their order. */
  public Set<String> patterns() {
    return patterns.keySet();
  }

  /** The first pattern that matches one of these names of a module; null if none does. */
  public @Nullable String patternOf(Iterable<String> names) {
    for (Map.Entry<String, PythonRegex> pattern : patterns.entrySet()) {
      for (String name : names) {
        if (matches(pattern.getValue(), name)) {
          return pattern.getKey();
        }
      }
    }
    return null;
  }

  /**
   * The value for a module of these names.
   *
   * @param otherwise the usual value, where no pattern matches
   */
  public T of(Iterable<String> names, T otherwise) {
    String pattern = patternOf(names);
    return pattern == null ? otherwise : values.get(pattern);
  }

  /** Whether one pattern matches one of these names, whatever comes before it. */
  public boolean matches(String pattern, Iterable<String> names) {
    for (String name : names) {
      if (matches(patterns.get(pattern), name)) {
        return true;
      }
    }
    return false;
  }

  private boolean matches(PythonRegex pattern, String name) {
    try {
      return pattern.matchesStart(name);
    } catch (IllegalArgumentException e) {
      throw new ModelException(key + ": " + e.getMessage());
    }
  }
}
