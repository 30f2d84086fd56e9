package dev.jlora.engine;

/** A run that a signal ended early, with a checkpoint of its last step. */
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

  /** The exit code that shells expect of a process that a signal ended: 130, 143. */
  public int exitCode() {
    return exitCode;
  }
}
