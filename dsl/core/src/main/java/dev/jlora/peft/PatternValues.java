package dev.jlora.peft;

import dev.jlora.model.ModelException;
import dev.jlora.spec.PythonRegex;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Values for some modules that differ from the default, as in {@code rank_pattern} and {@code
 * alpha_pattern}: each pattern is a regular expression for a dotted suffix of a path, and the first
 * match is used.
 */
public final class PatternValues<T> {
  private final String key;
  private final Map<String, PythonRegex> patterns = new LinkedHashMap<>();
  private final Map<String, T> values;

  /**
   * Compiles the patterns.
   *
   * @param key their name in a configuration, for errors: {@code rank_pattern}
   */
  public PatternValues(String key, Map<String, T> values) {
    this(key, values, new PythonRegex.Budget());
  }

  /** Compiles patterns that share a step budget with others. */
  public PatternValues(String key, Map<String, T> values, PythonRegex.Budget budget) {
    this.key = key;
    this.values = values;
    values.keySet().forEach(it -> patterns.put(it, PythonRegex.compile(ending(it), budget)));
  }

  private static String ending(String pattern) {
    return "(.*\\.)?(" + pattern + ")$";
  }

  /** The name in a configuration. */
  public String key() {
    return key;
  }

  /** The patterns, in order. */
  public Set<String> patterns() {
    return patterns.keySet();
  }

  /** The first pattern that matches one of the names of a module; null if none does. */
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
   * The value for a module with these names.
   *
   * @param otherwise the default, if no pattern matches
   */
  public T of(Iterable<String> names, T otherwise) {
    String pattern = patternOf(names);
    return pattern == null ? otherwise : values.get(pattern);
  }

  /** Whether one pattern matches one of these names, regardless of earlier patterns. */
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
