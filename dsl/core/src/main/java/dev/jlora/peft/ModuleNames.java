package dev.jlora.peft;

import dev.jlora.model.Aliases;
import dev.jlora.model.tree.ModelPlan;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names of a model's modules: its own and, if its architecture has {@link Aliases}, those of
 * newer versions of transformers, which PEFT uses with them.
 */
public final class ModuleNames {
  private final ModelPlan model;
  private final Aliases aliases;
  private final boolean othersOnly;
  private final Map<ModuleMatcher, Set<String>> own = new HashMap<>();

  private ModuleNames(ModelPlan model, boolean othersOnly) {
    this.model = model;
    this.aliases = model.architecture().aliases();
    this.othersOnly = othersOnly;
  }

  /**
   * Both namings; a name that selects a module in the model's own naming is not looked up in the
   * other.
   */
  public static ModuleNames of(ModelPlan model) {
    return new ModuleNames(model, false);
  }

  /** The other naming if all targets of a job are written in it, else both. */
  static ModuleNames of(ModelPlan model, ModuleMatcher matcher) {
    ModuleNames both = new ModuleNames(model, false);
    boolean own = false;
    boolean other = false;
    for (String path : model.modules()) {
      String name = both.meaning(path, matcher);
      boolean two = name != null && !both.other(path).equals(path);
      own |= two && name.equals(path);
      other |= two && !name.equals(path);
    }
    return other && !own ? new ModuleNames(model, true) : both;
  }

  /**
   * The naming of a saved adapter's configuration, detected from the keys of its file.
   *
   * @param modules the names in the file of the modules that have a pair
   */
  public static ModuleNames of(ModelPlan model, Set<String> modules) {
    boolean other = modules.stream().anyMatch(name -> !model.modules().contains(name));
    boolean own =
        modules.stream()
            .anyMatch(
                name ->
                    model.modules().contains(name)
                        && !model.architecture().aliases().of(name).equals(name));
    return new ModuleNames(model, other && !own);
  }

  /**
   * Whether {@code name} is the path or a dotted suffix of it: {@code query} for {@code
   * ....self.query}.
   */
  public static boolean isNamed(String path, String name) {
    return path.equals(name) || path.endsWith("." + name);
  }

  /** All names of a module. */
  public List<String> of(String path) {
    String other = aliases.of(path);
    return other.equals(path) ? List.of(path) : List.of(path, other);
  }

  /** Whether a configuration in this naming contains only the other names. */
  public boolean othersOnly() {
    return othersOnly;
  }

  /** Whether any module has two names. */
  public boolean two() {
    return model.modules().stream().anyMatch(path -> !aliases.of(path).equals(path));
  }

  /** The other name of a module or a parameter; its own if it has none. */
  public String other(String path) {
    return aliases.of(path);
  }

  /**
   * The name of a module by which a matcher selects it, its own or the other; null if it does not.
   */
  @Nullable String meaning(String path, ModuleMatcher matcher) {
    Set<String> ownNames = own.computeIfAbsent(matcher, this::ownNames);
    String other = aliases.of(path);
    if (matcher.names().isEmpty()) {
      String name = ownNames.isEmpty() ? other : path;
      return matcher.matches(name) ? name : null;
    }
    if (!othersOnly && matcher.nameOf(path) != null) {
      return path;
    }
    String name = matcher.nameOf(other);
    return name != null && !ownNames.contains(name) ? other : null;
  }

  /** The names of a list that mean modules by their own paths; for an expression what it means. */
  private Set<String> ownNames(ModuleMatcher matcher) {
    Set<String> found = new HashSet<>();
    if (othersOnly) {
      return found;
    }
    for (String path : model.modules()) {
      String name =
          matcher.names().isEmpty() ? (matcher.matches(path) ? path : null) : matcher.nameOf(path);
      if (name != null) {
        found.add(name);
      }
    }
    return found;
  }
}
