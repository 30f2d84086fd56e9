package dev.jlora.adapters;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The shortest list of names that means a plan's targets and nothing else. */
final class TargetNames {
  private TargetNames() {}

  /** The last names of the targets if they mean no other module, else the full paths. */
  static List<String> shortest(LoraPlan plan) {
    Set<String> paths = new HashSet<>();
    plan.targets().forEach(target -> paths.add(target.path()));
    List<String> last =
        paths.stream()
            .map(path -> path.substring(path.lastIndexOf('.') + 1))
            .distinct()
            .sorted()
            .toList();
    boolean exact =
        plan.model().modules().stream()
            .filter(module -> last.stream().anyMatch(name -> ModuleNames.isNamed(module, name)))
            .allMatch(module -> paths.contains(module) || isSaved(plan, module));
    return exact ? last : paths.stream().sorted().toList();
  }

  private static boolean isSaved(LoraPlan plan, String module) {
    return plan.savedModules().stream()
        .anyMatch(saved -> module.equals(saved) || module.startsWith(saved + "."));
  }
}
