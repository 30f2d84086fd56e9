package dev.jlora.adapters.adalora;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which ranks each target of a trained adapter has kept. */
final class RankPattern {
  /** PEFT names a target by its E; older versions add the adapter's name. */
  private static final String SUFFIX = "\\.lora_E(\\.[^.]+)?$";

  private final List<Boolean> all;
  private final Map<String, List<Boolean>> byModule = new HashMap<>();

  private RankPattern(List<Boolean> all) {
    this.all = all;
  }

  static RankPattern of(AdaLoraSpec spec) {
    RankPattern ranks = new RankPattern(Collections.nCopies(spec.initR(), true));
    spec.rankPattern()
        .forEach((name, kept) -> ranks.byModule.put(name.replaceFirst(SUFFIX, ""), kept));
    return ranks;
  }

  /** The name of a target in the pattern. */
  static String name(String module) {
    return module + "." + AdaLoraTarget.E;
  }

  /**
   * Whether each rank of a target is kept; all of them if the pattern does not name it.
   *
   * @param names the names of the module
   */
  List<Boolean> kept(List<String> names) {
    return names.stream().filter(byModule::containsKey).findFirst().map(byModule::get).orElse(all);
  }
}
