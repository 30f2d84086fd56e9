package dev.jlora.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Suggests the intended key for an unknown key of a job. */
final class KeyHints {
  /** The keys of each section of a job. */
  private static final Map<String, List<String>> SECTIONS = sections();

  /** Keys that do not identify a section. */
  private static final Set<String> COMMON = Set.of("name", "path", "threads");

  private KeyHints() {}

  private static Map<String, List<String>> sections() {
    Map<String, List<String>> sections = new LinkedHashMap<>();
    for (var part : JobSpec.class.getRecordComponents()) {
      Class<?> type = part.getType() == AdapterSpec.class ? LoraSpec.class : part.getType();
      if (type.isRecord()) {
        sections.put(SpecPrinter.key(part), PartParameters.commonKeys(type));
      }
    }
    return sections;
  }

  /**
   * A hint after "unknown key": the section the key belongs to, else a similar key, else nothing.
   *
   * @param section the path of the object that contains the key; empty for the job
   * @param keys the valid keys of this object
   */
  static String hint(String section, String key, List<String> keys) {
    for (var other : SECTIONS.entrySet()) {
      String meant = Aliases.meant(other.getKey() + "." + key);
      if (meant != null || other.getValue().contains(key) && !COMMON.contains(key)) {
        return ", it belongs to " + (meant == null ? other.getKey() + "." + key : meant);
      }
    }
    List<String> understood = new ArrayList<>(keys);
    understood.addAll(Aliases.in(section));
    Optional<String> near = Nearest.to(key, understood);
    return near.map(
            name -> {
              String meant = Aliases.meant(section + "." + name);
              return meant == null
                  ? ", the nearest is '" + name + "'"
                  : ", the nearest is '%s', which means %s".formatted(name, meant);
            })
        .orElse("");
  }
}
