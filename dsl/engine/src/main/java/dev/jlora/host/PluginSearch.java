package dev.jlora.host;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a search for plugins came upon.
 *
 * @param found the plugins that could be made, in the order they were found
 * @param warnings what was passed over: jars without a plugin, a folder that is none
 * @param problems plugins that cannot be used, and names that two of them claim
 */
public record PluginSearch(
    List<FoundPlugin> found, List<String> warnings, List<PluginException> problems) {
  public PluginSearch {
    found = List.copyOf(found);
    warnings = List.copyOf(warnings);
    problems = List.copyOf(problems);
  }

  /** All there is on the class path and in {@link PluginFolder}, and every problem with it. */
  public static PluginSearch here() {
    return inPlace().configured();
  }

  /** The same before the plugins were asked what they bring. */
  static PluginSearch inPlace() {
    PluginSearch search =
        PluginFinder.search(PluginSearch.class.getClassLoader(), PluginFolder.path());
    List<String> warnings =
        Stream.concat(PluginFolder.warning().stream(), search.warnings.stream()).toList();
    return new PluginSearch(search.found, warnings, search.problems);
  }

  /** The same with the problems that come up when plugins say what they bring. */
  PluginSearch configured() {
    List<PluginException> all = new ArrayList<>(problems);
    all.addAll(Catalog.of(found).problems());
    return new PluginSearch(found, warnings, all);
  }
}
