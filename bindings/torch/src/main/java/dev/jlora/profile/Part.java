package dev.jlora.profile;

/** The three parts of a step. */
public enum Part {
  FORWARD("forward"),
  BACKWARD("backward"),
  /** Clipping and optimizer. */
  UPDATE("update");

  private final String label;

  Part(String label) {
    this.label = label;
  }

  /** The name in tables, JSON and events. */
  public String label() {
    return label;
  }
}
