package dev.jlora.spec;

import java.util.List;
import java.util.function.UnaryOperator;

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

  /** These problems with other words for the keys of a job: {@link KeyWords}. */
  public SpecException renamed(UnaryOperator<String> word) {
    SpecException renamed =
        new SpecException(
            problems.stream().map(problem -> KeyWords.renamed(problem, word)).toList());
    renamed.setStackTrace(getStackTrace());
    return renamed;
  }
}
