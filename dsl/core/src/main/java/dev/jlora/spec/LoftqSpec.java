package dev.jlora.spec;

/**
 * LoftQ's settings, with the fields and defaults of PEFT's {@code loftq_config}.
 *
 * @param loftqBits bits of a quantized weight: 2, 4 or 8
 * @param loftqIter alternations of quantization and approximation
 */
public record LoftqSpec(int loftqBits, int loftqIter) implements Spec {

  /** Far above any use. */
  private static final int MAX_ITERATIONS = 1000;

  public LoftqSpec {
    Problems.in("loftq_config")
        .unless(
            loftqBits == 2 || loftqBits == 4 || loftqBits == 8,
            "loftq_bits: got %d, expected 2, 4 or 8",
            loftqBits)
        .unless(
            loftqIter > 0 && loftqIter <= MAX_ITERATIONS,
            "loftq_iter: got %d, expected 1 to %d",
            loftqIter,
            MAX_ITERATIONS)
        .throwIfAny();
  }

  /** PEFT's defaults. */
  public static LoftqSpec defaults() {
    return new LoftqSpec(4, 1);
  }

  @Override
  public String toString() {
    return json();
  }
}
