package dev.jlora.engine.steps;

/**
 * A loss, a gradient or a weight is not finite. After a non-finite loss or gradient the weights are
 * those of the previous step.
 */
public final class NonFiniteLossException extends RuntimeException {
  private final long step;

  NonFiniteLossException(long step, String what, double value, String lastGood) {
    super(
        """
        Step %d: got a %s of %s, expected a finite number; training stopped and %s.
        Try a lower learning rate, gradient clipping (max_grad_norm), fp32 instead of bf16, \
        or look for rows with broken labels.\
        """
            .formatted(step, what, value, lastGood));
    this.step = step;
  }

  /** The optimizer step that failed, from 1. */
  public long step() {
    return step;
  }
}
