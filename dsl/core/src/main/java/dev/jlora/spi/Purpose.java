package dev.jlora.spi;

/** What rows are encoded for. */
public enum Purpose {
  /** To learn from: with targets. */
  LEARN,
  /** To be judged by: with targets, and with what a judge has to look up in a row. */
  JUDGE,
  /** To be answered: without targets, and with what an answer has to look up in a row. */
  ANSWER;

  /** Whether the targets are wanted. */
  public boolean labelled() {
    return this != ANSWER;
  }
}
