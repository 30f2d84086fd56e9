package dev.jlora.peft;

import dev.jlora.model.ModelException;
import dev.jlora.spec.PythonRegex;
import dev.jlora.spec.Targets;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Selects modules by a list of names, or by a regular expression for complete paths. */
public final class ModuleMatcher {
  private final String key;
  private final Set<String> names;
  private final @Nullable PythonRegex regex;

  private ModuleMatcher(String key, Set<String> names, @Nullable PythonRegex regex) {
    this.key = key;
    this.names = names;
    this.regex = regex;
  }

  /**
   * Compiles names or an expression, such as IA3's {@code feedforward_modules}.
   *
   * @param key their key in the configuration, for errors
   * @throws IllegalArgumentException for {@code all-linear}, which depends on the model
   */
  public static ModuleMatcher of(String key, Targets targets) {
    return of(key, targets, new PythonRegex.Budget());
  }

  /** Whether a module with these names is selected. */
  public boolean matches(Iterable<String> names) {
    for (String name : names) {
      if (matches(name)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Compiles one of several matchers that share a step budget.
   *
   * @param key their key in the configuration, for errors: {@code target_modules}
   */
  static ModuleMatcher of(String key, Targets targets, PythonRegex.Budget budget) {
    return switch (targets) {
      case Targets.Names list ->
          new ModuleMatcher(key, new LinkedHashSet<>(list.names()), /* regex= */ null);
      case Targets.Regex expression ->
          new ModuleMatcher(key, Set.of(), PythonRegex.compile(expression.pattern(), budget));
      case Targets.AllLinear _ ->
          throw new IllegalArgumentException("all-linear depends on the model, not on a name");
    };
  }

  /** The listed names; empty for an expression. */
  Set<String> names() {
    return names;
  }

  /** Whether a path is selected. */
  boolean matches(String path) {
    return regex == null ? nameOf(path) != null : matches(regex, path);
  }

  /**
   * The listed name that selects this path: the path itself or a dotted suffix; null if none does.
   */
  @Nullable String nameOf(String path) {
    for (int from = 0; from >= 0; from = next(path, from)) {
      String end = path.substring(from);
      if (names.contains(end)) {
        return end;
      }
    }
    return null;
  }

  private static int next(String path, int from) {
    int dot = path.indexOf('.', from);
    return dot < 0 ? -1 : dot + 1;
  }

  private boolean matches(PythonRegex expression, String path) {
    try {
      return expression.matches(path);
    } catch (IllegalArgumentException e) {
      throw new ModelException(key + ": " + e.getMessage());
    }
  }
}
