package dev.jlora.tensor;

/** An operation that cannot be captured was called during a capture; the message names it. */
public final class CaptureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CaptureException(String what) {
    super(what);
  }
}
