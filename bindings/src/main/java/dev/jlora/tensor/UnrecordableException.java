package dev.jlora.tensor;

/** Work that was being recorded did what a recording cannot hold; the message says what. */
public final class UnrecordableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnrecordableException(String what) {
    super(what);
  }
}
