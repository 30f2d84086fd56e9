package dev.jlora.host;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Result of a search for plugins.
 *
 * @param found the plugins that could be created, in the order they were found
 * @param warnings what was ignored: jars without a plugin, a path that is not a folder
 * @param problems plugins that cannot be used, and names that two plugins use
 */
public record PluginSearch(
    List<FoundPlugin> found, List<String> warnings, List<PluginException> problems) {
  public PluginSearch {
    found = List.copyOf(found);
    warnings = List.copyOf(warnings);
    problems = List.copyOf(problems);
  }

  /** All plugins on the class path and in {@link PluginFolder}, with all problems. */
  public static PluginSearch here() {
    return inPlace().configured();
  }

  /** The plugins of this process before they are configured. */
  static PluginSearch inPlace() {
    PluginSearch search =
        PluginFinder.search(PluginSearch.class.getClassLoader(), PluginFolder.path());
    List<String> warnings =
        Stream.concat(PluginFolder.warning().stream(), search.warnings.stream()).toList();
    return new PluginSearch(search.found, warnings, search.problems);
  }

  /** A copy that includes the problems of configuring the plugins. */
  PluginSearch configured() {
    List<PluginException> all = new ArrayList<>(problems);
    all.addAll(Catalog.of(found).problems());
    return new PluginSearch(found, warnings, all);
  }
}
