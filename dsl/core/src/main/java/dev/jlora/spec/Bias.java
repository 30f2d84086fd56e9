package dev.jlora.spec;

/** Which biases are trained with an adapter; PEFT's {@code bias}. */
public enum Bias {
  /** No biases. */
  NONE,
  /** All biases of the model. */
  ALL,
  /** The biases of target modules. */
  LORA_ONLY
}
