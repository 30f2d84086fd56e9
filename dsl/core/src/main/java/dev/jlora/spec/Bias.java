package dev.jlora.spec;

/** Which biases are trained beside an adapter; PEFT's {@code bias}. */
public enum Bias {
  /** None of them. */
  NONE,
  /** Every bias of the model. */
  ALL,
  /** The biases of the modules that carry an adapter. */
  LORA_ONLY
}
