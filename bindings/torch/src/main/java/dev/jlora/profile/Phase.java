package dev.jlora.profile;

/** Phases of a step. Time in a nested phase counts for the inner one. */
public enum Phase {
  /** Products of activations with weights, and convolutions. */
  GEMM("gemm"),
  ATTENTION("attention"),
  /** Dropout as a separate pass; dropout inside a fused kernel counts for that kernel. */
  DROPOUT("dropout"),
  NORM("norm"),
  ACTIVATION("activation"),
  /** The adapter's contribution to its layer: thin products, casts. */
  ADAPTER("adapter"),
  EMBEDDING("embedding"),
  LOSS("loss"),
  /** Views, and the copies that some of them need. */
  SHAPING("shaping"),
  /** Functions without a phase of their own: sums, casts, elementwise functions. */
  OTHER("other"),
  /** Summation of gradients in the backward pass, and over micro-batches. */
  ACCUMULATION("accumulation"),
  CLIPPING("clipping"),
  OPTIMIZER("optimizer"),
  /** Conversion of a batch to tensors. */
  DATA("data"),
  /**
   * Creation of empty tensors, and freeing of tensors; allocations inside libtorch's operators are
   * not visible.
   */
  ALLOCATION("allocation"),
  /** The remainder: tape, scopes, layers. */
  JAVA("java");

  private final String label;

  Phase(String label) {
    this.label = label;
  }

  /** The name in tables, JSON and events. */
  public String label() {
    return label;
  }
}
