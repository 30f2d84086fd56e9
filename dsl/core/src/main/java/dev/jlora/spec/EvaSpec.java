package dev.jlora.spec;

/**
 * EVA's settings, with the fields and defaults of PEFT's {@code EvaConfig}.
 *
 * @param rho the highest rank of a module is {@code rank} times this; 1 keeps all ranks
 * @param tau the cosine between the components of two batches at which a module has converged
 * @param useLabelMask whether tokens with the label {@code labelMaskValue} are left out
 * @param labelMaskValue the label of tokens without one
 * @param whiten whether components are divided by the square roots of their singular values
 * @param adjustScalingFactors whether a module's alpha changes with its rank, so that its scaling
 *     stays
 */
public record EvaSpec(
    double rho,
    double tau,
    boolean useLabelMask,
    int labelMaskValue,
    boolean whiten,
    boolean adjustScalingFactors)
    implements Spec {

  /** Far above any use. */
  private static final double MAX_RHO = 1000;

  public EvaSpec {
    Problems.in("eva_config")
        .unless(
            rho >= 1 && rho <= MAX_RHO, "rho: got %s, expected 1 to %s (2 is usual)", rho, MAX_RHO)
        .unless(tau >= 0 && tau <= 1, "tau: got %s, expected 0 to 1 (0.99 is usual)", tau)
        .throwIfAny();
  }

  /** PEFT's defaults. */
  public static EvaSpec defaults() {
    return new EvaSpec(2, 0.99, true, -100, false, true);
  }

  @Override
  public String toString() {
    return json();
  }
}
