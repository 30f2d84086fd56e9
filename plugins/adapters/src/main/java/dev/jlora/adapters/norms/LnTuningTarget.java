package dev.jlora.adapters.norms;

import dev.jlora.model.TargetModule;
import dev.jlora.peft.AdapterTarget;
import java.util.LinkedHashMap;
import java.util.Map;

/** A module whose weight and bias the adapter trains in place of the base's. */
record LnTuningTarget(TargetModule module) implements AdapterTarget {
  /** Between a module's path and its parameter, in a file. */
  static final String PREFIX = "ln_tuning_layers.";

  @Override
  public Map<String, String> overrides() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("weight", PREFIX + "weight");
    if (module.bias()) {
      names.put("bias", PREFIX + "bias");
    }
    return names;
  }
}
