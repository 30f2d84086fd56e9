package dev.jlora.engine.conformance;

/** Converts PEFT's parameter names to jlora's: the module's path, then the parameter. */
final class PeftNames {
  private static final String PREFIX = "base_model.model.";

  private PeftNames() {}

  /**
   * {@code base_model.model.<path>.lora_A.default.weight}, {@code ...classifier.modules_to_save
   * .default.bias}, {@code ...query.base_layer.bias} or a name of a saved adapter.
   */
  static String ours(String name) {
    String plain = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    return plain
        .replace(".modules_to_save.default.", ".")
        .replace(".base_layer.", ".")
        .replaceFirst("\\.(lora_[A-Za-z_]+)\\.default(\\.|$)", ".$1$2");
  }
}
