package dev.jlora.backend;

/** A device's library rejected a call; the message contains the call, the reason and the remedy. */
public abstract class DeviceCallException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String remedy;

  /**
   * @param problem the call and the reason, a sentence
   * @param remedy what to do, without a full stop
   */
  protected DeviceCallException(String problem, String remedy) {
    super(problem + System.lineSeparator() + "  What to do: " + remedy + ".");
    this.problem = problem;
    this.remedy = remedy;
  }

  /** The problem, a sentence. */
  public String problem() {
    return problem;
  }

  /** The remedy, without a full stop. */
  public String remedy() {
    return remedy;
  }

  /** Whether the device had no memory left for the call. */
  public abstract boolean outOfMemory();
}
