package dev.jlora.adapters;

import dev.jlora.model.TargetModule;

/**
 * A module that gets a LoRA pair: A [rank, in] and B [out, rank].
 *
 * @param scaling the factor on B A x
 */
record LoraTarget(TargetModule module, int rank, double alpha, double scaling) {
  long elements() {
    return rank * (module.in() + module.out());
  }

  String path() {
    return module.path();
  }

  String nameOfA() {
    return path() + ".lora_A.weight";
  }

  String nameOfB() {
    return path() + ".lora_B.weight";
  }
}
