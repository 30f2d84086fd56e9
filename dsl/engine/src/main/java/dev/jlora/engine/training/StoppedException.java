package dev.jlora.engine.training;

/** A run was stopped by a signal, with a checkpoint of its last step. */
public final class StoppedException extends RuntimeException {
  private final String signal;
  private final int exitCode;

  StoppedException(String signal, int exitCode, String message) {
    super(message);
    this.signal = signal;
    this.exitCode = exitCode;
  }

  /** The signal: {@code SIGINT}, {@code SIGTERM}. */
  public String signal() {
    return signal;
  }

  /** The usual exit code of a process that was ended by a signal: 130, 143. */
  public int exitCode() {
    return exitCode;
  }
}
