package dev.jlora.cuda;

import dev.jlora.ffi.cuda.Library;
import java.util.Optional;
import java.util.function.Supplier;

/** A library of CUDA refused a call; the message says which, why, and what to do. */
public class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String remedy;
  private final transient Optional<CudaError> error;

  CudaException(String problem, String remedy, Optional<CudaError> error) {
    super(problem + System.lineSeparator() + "  What to do: " + remedy + ".");
    this.problem = problem;
    this.remedy = remedy;
    this.error = error;
  }

  /** What is wrong, a sentence. */
  public String problem() {
    return problem;
  }

  /** What to do, without a full stop. */
  public String remedy() {
    return remedy;
  }

  /** Which error it was, if it is a known one. */
  public Optional<CudaError> error() {
    return error;
  }

  /**
   * Throws unless a call succeeded.
   *
   * @param call the function, and on what, for the message
   */
  public static void check(Library library, int code, Supplier<String> call) {
    if (code != 0) {
      throw of(library, code, call.get());
    }
  }

  static CudaException of(Library library, int code, String call) {
    Optional<CudaError> error = CudaError.of(library, code);
    String name = error.map(Enum::name).orElse("error");
    String meaning = error.map(CudaError::meaning).orElse("a code that jlora does not know");
    return new CudaException(
        "%s, %s: %s (%d), %s.".formatted(library.label(), call, name, code, meaning),
        error.map(CudaError::remedy).orElse("look the code up in the library's documentation"),
        error);
  }
}
