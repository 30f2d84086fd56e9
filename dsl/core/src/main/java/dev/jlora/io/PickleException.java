package dev.jlora.io;

/** A pickle is damaged, or has something that is not allowed; the message is a clause. */
final class PickleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PickleException(String message) {
    super(message);
  }
}
