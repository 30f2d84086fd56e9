package dev.jlora.tensor;

/**
 * libtorch refused an operation. The message names the operator, the shapes and dtypes of its
 * arguments and, from libtorch 2.13 on, libtorch's own text.
 */
public class TorchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean reasoned;

  public TorchException(String message) {
    this(message, true);
  }

  /**
   * @param reasoned whether the message has libtorch's own text
   */
  TorchException(String message, boolean reasoned) {
    super(message);
    this.reasoned = reasoned;
  }

  /** A failure of which this libtorch keeps the reason to itself, as versions before 2.13 do. */
  public static TorchException without(String operation) {
    return new TorchException(
        operation + " failed in libtorch (this version gives no reason)", false);
  }

  /** Whether the message tells why, as far as libtorch does. */
  public boolean reasoned() {
    return reasoned;
  }
}
