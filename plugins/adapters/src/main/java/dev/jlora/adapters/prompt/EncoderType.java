package dev.jlora.adapters.prompt;

import dev.jlora.spec.SpecValue;

/** The network that computes P-tuning's virtual tokens; PEFT's reparameterization type. */
public enum EncoderType implements SpecValue {
  /** Three linear layers with ReLU between them. */
  MLP,
  /** A bidirectional LSTM and two linear layers with ReLU between them. */
  LSTM;

  @Override
  public Object json() {
    return name();
  }

  /**
   * The type with PEFT's name, in either case.
   *
   * @throws IllegalArgumentException listing the valid values
   */
  public static EncoderType of(Object json) {
    return PromptInit.Constants.of(EncoderType.class, json);
  }
}
