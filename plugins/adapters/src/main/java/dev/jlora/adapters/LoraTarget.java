package dev.jlora.adapters;

import dev.jlora.model.TargetModule;

/**
 * A module that gets a LoRA pair: A [rank, in] and B [out, rank], or for a convolution A [rank, in,
 * kernel, kernel] and B [out, rank, 1, 1].
 *
 * @param scaling the factor on B A x
 */
record LoraTarget(TargetModule module, int rank, double alpha, double scaling) {
  long elements() {
    return rank * (module.fanIn() + module.out());
  }

  String path() {
    return module.path();
  }

  boolean convolution() {
    return module.kind() == TargetModule.Kind.CONVOLUTION;
  }

  long[] shapeOfA() {
    return convolution()
        ? new long[] {rank, module.in(), module.kernel(), module.kernel()}
        : new long[] {rank, module.in()};
  }

  long[] shapeOfB() {
    return convolution() ? new long[] {module.out(), rank, 1, 1} : new long[] {module.out(), rank};
  }

  String nameOfA() {
    return path() + ".lora_A.weight";
  }

  String nameOfB() {
    return path() + ".lora_B.weight";
  }
}
