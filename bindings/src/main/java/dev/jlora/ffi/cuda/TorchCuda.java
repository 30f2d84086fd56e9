package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.jlora.natives.CudaLibraries;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * The stream and the handle of cuBLAS that libtorch works with; 1 is failure, without a code. What
 * is returned is 0 or an error code, unless a method says otherwise.
 */
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
    return new TorchCuda(CudaLibraries.torch());
  }

  private final MethodHandle currentStream =
      function("aoti_torch_get_current_cuda_stream", JAVA_INT, JAVA_INT, ADDRESS);

  /** The stream that libtorch's operators of this thread are queued on; borrowed. */
  public int currentStream(int index, MemorySegment stream) {
    try {
      return (int) currentStream.invokeExact(index, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle currentBlasHandle =
      function("torch_get_current_cuda_blas_handle", JAVA_INT, ADDRESS);

  /** libtorch's handle for this thread and device, bound to its stream already; borrowed. */
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
