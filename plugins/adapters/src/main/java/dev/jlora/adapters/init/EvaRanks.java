package dev.jlora.adapters.init;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The distribution of ranks by explained variance (EVA, arXiv:2410.07170, section 3.3). */
final class EvaRanks {
  private EvaRanks() {}

  private record Component(String path, double explained) {}

  /**
   * Gives the components that explain most to their modules, whichever these are.
   *
   * @param explained for each module the explained variance of its components, in descending order
   * @param budget the sum of all ranks
   * @return the rank of each module, which may be 0
   */
  static Map<String, Integer> of(Map<String, double[]> explained, int budget) {
    List<Component> components = new ArrayList<>();
    explained.forEach(
        (path, values) -> {
          for (double value : values) {
            components.add(new Component(path, value));
          }
        });
    components.sort(Comparator.comparingDouble(Component::explained).reversed());
    Map<String, Integer> ranks = new LinkedHashMap<>();
    explained.keySet().forEach(path -> ranks.put(path, 0));
    components.stream()
        .limit(budget)
        .forEach(component -> ranks.merge(component.path(), 1, Integer::sum));
    return ranks;
  }
}
