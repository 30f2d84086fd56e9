package dev.jlora.tensor;

/** An operation that cannot be captured was called during a capture; the message names it. */
public final class UnrecordableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnrecordableException(String what) {
    super(what);
  }
}
