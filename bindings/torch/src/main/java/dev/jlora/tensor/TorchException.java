package dev.jlora.tensor;

/**
 * libtorch rejected an operation. The message names the operator, the shapes and dtypes of its
 * arguments and, from libtorch 2.13 on, contains libtorch's own text.
 */
public class TorchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean reasoned;

  public TorchException(String message) {
    this(message, true);
  }

  /**
   * @param reasoned whether the message contains libtorch's own text
   */
  TorchException(String message, boolean reasoned) {
    super(message);
    this.reasoned = reasoned;
  }

  /** A failure without a reason, as in versions of libtorch before 2.13. */
  public static TorchException without(String operation) {
    return new TorchException(
        operation + " failed in libtorch (this version gives no reason)", false);
  }

  /** Whether the message contains libtorch's reason. */
  public boolean reasoned() {
    return reasoned;
  }
}
