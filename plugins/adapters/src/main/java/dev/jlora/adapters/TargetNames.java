package dev.jlora.adapters;

import dev.jlora.peft.ModuleNames;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The shortest list of names that means a plan's targets and nothing else. */
final class TargetNames {
  private TargetNames() {}

  /** In the naming that a plan's files have. */
  static List<String> shortest(LoraPlan plan, ModuleNames names) {
    return shortest(plan, names.othersOnly() ? names::other : Function.identity());
  }

  /**
   * The last names of the targets if they mean no other module, else the full paths.
   *
   * @param naming from a module's own name to the one that is written
   */
  static List<String> shortest(LoraPlan plan, Function<String, String> naming) {
    Set<String> paths = new HashSet<>();
    plan.targets().forEach(target -> paths.add(target.path()));
    List<String> last =
        paths.stream()
            .map(naming)
            .map(path -> path.substring(path.lastIndexOf('.') + 1))
            .distinct()
            .sorted()
            .toList();
    boolean exact =
        plan.model().modules().stream()
            .filter(
                module ->
                    last.stream().anyMatch(name -> ModuleNames.isNamed(naming.apply(module), name)))
            .allMatch(module -> paths.contains(module) || isSaved(plan, module));
    return exact ? last : paths.stream().map(naming).sorted().toList();
  }

  private static boolean isSaved(LoraPlan plan, String module) {
    return plan.saved().paths().stream()
        .anyMatch(saved -> module.equals(saved) || module.startsWith(saved + "."));
  }
}
