// Generated from bindings/cuda/src/main/c/jlora_cuda.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/** The stream and the cuBLAS handle that libtorch uses. Methods return 0, or 1 for failure. */
public final class TorchCuda extends BoundLibrary {
  /** Binds against a library, or against whatever else has its functions. */
  public TorchCuda(SymbolLookup symbols) {
    super(symbols, Library.TORCH);
  }

  /**
   * Binds against the library of this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  public static TorchCuda load() {
    return new TorchCuda(Library.TORCH.symbols());
  }

  private static final FunctionDescriptor CURRENT_STREAM =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS);
  private final MethodHandle currentStream =
      function("aoti_torch_get_current_cuda_stream", CURRENT_STREAM);

  /**
   * The current stream of this thread, on which libtorch queues operators; owned by libtorch.
   *
   * <pre>{@code
   * int32_t aoti_torch_get_current_cuda_stream(int32_t index, jlora_stream *stream);
   * }</pre>
   */
  public int currentStream(int index, MemorySegment stream) {
    try {
      return (int) currentStream.invokeExact(index, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor CURRENT_BLAS_HANDLE =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle currentBlasHandle =
      function("torch_get_current_cuda_blas_handle", CURRENT_BLAS_HANDLE);

  /**
   * libtorch's cuBLAS handle for this thread and device, set to its current stream; owned by
   * libtorch.
   *
   * <pre>{@code
   * int32_t torch_get_current_cuda_blas_handle(jlora_blas *handle);
   * }</pre>
   */
  public int currentBlasHandle(MemorySegment handle) {
    try {
      return (int) currentBlasHandle.invokeExact(handle);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function of this class; needs no library. */
  public static Map<String, FunctionDescriptor> declarations() {
    return new TorchCuda(name -> Optional.empty()).declared();
  }
}
