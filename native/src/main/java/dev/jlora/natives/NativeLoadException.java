package dev.jlora.natives;

import org.jspecify.annotations.Nullable;

/** libtorch could not be found, unpacked or loaded; the message says what to do about it. */
public final class NativeLoadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String remedy;

  NativeLoadException(String problem, String remedy) {
    this(problem, remedy, null);
  }

  NativeLoadException(String problem, String remedy, @Nullable Throwable cause) {
    super(problem + System.lineSeparator() + "  What to do: " + remedy, cause);
    this.problem = problem;
    this.remedy = remedy;
  }

  /** The problem, a sentence. */
  public String problem() {
    return problem;
  }

  /** The remedy, a sentence that begins in lower case. */
  public String remedy() {
    return remedy;
  }
}
