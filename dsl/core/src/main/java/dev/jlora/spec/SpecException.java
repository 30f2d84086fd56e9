package dev.jlora.spec;

import java.util.List;
import java.util.function.UnaryOperator;

/** A spec is invalid; the message has one line per problem. */
public final class SpecException extends IllegalArgumentException {
  private final transient List<String> problems;

  SpecException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** The problems: where, what was found, what was expected. */
  public List<String> problems() {
    return problems;
  }

  /** A copy with the keys of a job replaced in all problems; see {@link JobKeys}. */
  public SpecException renamed(UnaryOperator<String> word) {
    SpecException renamed =
        new SpecException(
            problems.stream().map(problem -> JobKeys.renamed(problem, word)).toList());
    renamed.setStackTrace(getStackTrace());
    return renamed;
  }
}
