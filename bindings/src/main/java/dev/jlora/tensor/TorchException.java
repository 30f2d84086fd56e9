package dev.jlora.tensor;

/**
 * libtorch refused an operation. The message names the operator, the shapes and dtypes of its
 * arguments and, from libtorch 2.13 on, libtorch's own text.
 */
public class TorchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TorchException(String message) {
    super(message);
  }
}
