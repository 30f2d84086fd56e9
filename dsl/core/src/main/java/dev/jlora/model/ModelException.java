package dev.jlora.model;

/** A model that cannot be declared, loaded or run as asked; the message says what to do. */
public class ModelException extends RuntimeException {
  public ModelException(String message) {
    super(message);
  }
}
