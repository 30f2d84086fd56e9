package dev.jlora.io;

import org.jspecify.annotations.Nullable;

/** A problem with a file; the message says where, what was found, and what to do. */
public abstract class FileException extends RuntimeException {
  private final String where;
  private final String problem;
  private final String remedy;

  FileException(String where, String problem, String remedy, @Nullable Throwable cause) {
    super(where + ": " + problem + between(problem, remedy) + remedy, cause);
    this.where = where;
    this.problem = problem;
    this.remedy = remedy;
  }

  private static String between(String problem, String remedy) {
    return remedy.isEmpty() || problem.endsWith("\n") || remedy.startsWith("\n") ? "" : " ";
  }

  /** The file, with the line if known: {@code reviews.tsv:17}. */
  public String where() {
    return where;
  }

  /** What was found, and what was expected. */
  public String problem() {
    return problem;
  }

  /** The remedy; may be empty. */
  public String remedy() {
    return remedy;
  }
}
