package dev.jlora.cuda;

import dev.jlora.backend.DeviceCallException;
import dev.jlora.ffi.cuda.Library;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** A CUDA library rejected a call; the message contains the call, the reason and the remedy. */
public class CudaException extends DeviceCallException {
  private static final long serialVersionUID = 1L;

  private static final Set<CudaError> NO_ROOM =
      EnumSet.of(
          CudaError.CUDA_ERROR_OUT_OF_MEMORY,
          CudaError.CUBLAS_STATUS_NOT_INITIALIZED,
          CudaError.CUBLAS_STATUS_ALLOC_FAILED);

  private final transient Optional<CudaError> error;

  CudaException(String problem, String remedy, Optional<CudaError> error) {
    super(problem, remedy);
    this.error = error;
  }

  /** The error, if its code is known. */
  public Optional<CudaError> error() {
    return error;
  }

  /** Whether the driver or cuBLAS found no room; cuBLAS cannot begin without room, either. */
  @Override
  public boolean outOfMemory() {
    return error.filter(NO_ROOM::contains).isPresent();
  }

  /**
   * Throws unless a call succeeded.
   *
   * @param call the function and its subject, for the message
   */
  public static void check(Library library, int code, Supplier<String> call) {
    if (code != 0) {
      throw of(library, code, call.get());
    }
  }

  static CudaException of(Library library, int code, String call) {
    Optional<CudaError> error = CudaError.of(library, code);
    String name = error.map(Enum::name).orElse("error");
    String meaning = error.map(CudaError::meaning).orElse("an unknown error code");
    return new CudaException(
        "%s, %s: %s (%d), %s.".formatted(library.label(), call, name, code, meaning),
        error.map(CudaError::remedy).orElse("look the code up in the library's documentation"),
        error);
  }
}
