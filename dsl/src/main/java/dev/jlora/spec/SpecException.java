package dev.jlora.spec;

import java.util.List;

/** A spec is wrong; the message has one line for every problem found. */
public final class SpecException extends IllegalArgumentException {
  private final transient List<String> problems;

  SpecException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** Each problem: where, what was got, what was expected. */
  public List<String> problems() {
    return problems;
  }
}
