package dev.jlora.tensor;

/** A device does not exist or is out of memory; the message contains the remedy. */
public class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param problem what was found and what was expected, a sentence
   * @param remedy what to do, without a full stop
   */
  public DeviceException(String problem, String remedy) {
    this(problem, remedy, null);
  }

  public DeviceException(String problem, String remedy, Throwable cause) {
    super(problem + System.lineSeparator() + "  What to do: " + remedy + ".", cause);
  }
}
