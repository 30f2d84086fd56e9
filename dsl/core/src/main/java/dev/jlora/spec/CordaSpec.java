package dev.jlora.spec;

/**
 * CorDA's settings, with the field and default of PEFT's {@code CordaConfig}.
 *
 * @param cordaMethod which part of a weight is trained
 */
public record CordaSpec(Method cordaMethod) implements Spec {

  /** The modes of CorDA. */
  public enum Method {
    /** Instruction-previewed: the part that matters most for the training data. */
    IPM,
    /** Knowledge-preserved: the part that matters least. */
    KPM
  }

  /** PEFT's default. */
  public static CordaSpec defaults() {
    return new CordaSpec(Method.IPM);
  }

  @Override
  public String toString() {
    return json();
  }
}
