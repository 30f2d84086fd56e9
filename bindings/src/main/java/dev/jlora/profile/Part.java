package dev.jlora.profile;

/** The thirds of a step. */
public enum Part {
  FORWARD("forward"),
  BACKWARD("backward"),
  /** Clipping and optimizer. */
  UPDATE("update");

  private final String label;

  Part(String label) {
    this.label = label;
  }

  /** How tables, JSON and events call it. */
  public String label() {
    return label;
  }
}
