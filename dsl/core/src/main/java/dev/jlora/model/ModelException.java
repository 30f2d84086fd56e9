package dev.jlora.model;

/** A model cannot be declared, loaded or run as requested; the message contains the remedy. */
public class ModelException extends RuntimeException {
  public ModelException(String message) {
    super(message);
  }
}
