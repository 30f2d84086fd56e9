package dev.jlora.profile;

/** What a step spends time on. Time in a phase inside another one counts for the inner one. */
public enum Phase {
  /** Products of activations with weights, convolutions too. */
  GEMM("gemm"),
  ATTENTION("attention"),
  /** Dropout as a pass of its own; what a fused kernel drops on its way counts for that kernel. */
  DROPOUT("dropout"),
  NORM("norm"),
  ACTIVATION("activation"),
  /** What an adapter adds to its layer: thin products, casts. */
  ADAPTER("adapter"),
  EMBEDDING("embedding"),
  LOSS("loss"),
  /** Views and the copies that some of them need. */
  SHAPING("shaping"),
  /** Functions that state no phase: sums, casts, element-wise ones. */
  OTHER("other"),
  /** Gradients of one tensor added up in the backward pass, and over micro-batches. */
  ACCUMULATION("accumulation"),
  CLIPPING("clipping"),
  OPTIMIZER("optimizer"),
  /** A batch becoming tensors. */
  DATA("data"),
  /**
   * Tensors made empty, and tensors freed; what libtorch allocates inside operators is not seen.
   */
  ALLOCATION("allocation"),
  /** What lies between the others: tape, scopes, layers. */
  JAVA("java");

  private final String label;

  Phase(String label) {
    this.label = label;
  }

  /** How tables, JSON and events call it. */
  public String label() {
    return label;
  }
}
