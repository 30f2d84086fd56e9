package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.natives.CudaLibraries;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * The handles of cuBLAS, what a handle is set to, and what error codes mean. What is returned is 0
 * or an error code, unless a method says otherwise.
 */
public final class CuBlasHandles extends BoundLibrary {
  /** Binds against a library, or against whatever else has its functions. */
  public CuBlasHandles(SymbolLookup symbols) {
    super(symbols, Library.BLAS);
  }

  /**
   * Binds against the library of this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  public static CuBlasHandles load() {
    return new CuBlasHandles(CudaLibraries.torch());
  }

  private final MethodHandle create = function("cublasCreate_v2", JAVA_INT, ADDRESS);

  /** A handle of our own; in training it is libtorch's that is used. */
  public int create(MemorySegment handle) {
    try {
      return (int) create.invokeExact(handle);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle destroy = function("cublasDestroy_v2", JAVA_INT, JAVA_LONG);

  /** Destroys it. */
  public int destroy(long handle) {
    try {
      return (int) destroy.invokeExact(handle);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getVersion =
      function("cublasGetVersion_v2", JAVA_INT, JAVA_LONG, ADDRESS);

  /** 10000 * major + 100 * minor + patch. */
  public int getVersion(long handle, MemorySegment version) {
    try {
      return (int) getVersion.invokeExact(handle, version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle setStream =
      function("cublasSetStream_v2", JAVA_INT, JAVA_LONG, JAVA_LONG);

  /** The stream that products are queued on. */
  public int setStream(long handle, long stream) {
    try {
      return (int) setStream.invokeExact(handle, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getStream =
      function("cublasGetStream_v2", JAVA_INT, JAVA_LONG, ADDRESS);

  /** The stream that products are queued on. */
  public int getStream(long handle, MemorySegment stream) {
    try {
      return (int) getStream.invokeExact(handle, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle setWorkspace =
      function("cublasSetWorkspace_v2", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  /** Memory of the card to work in; graphs need one that stays. */
  public int setWorkspace(long handle, long memory, long bytes) {
    try {
      return (int) setWorkspace.invokeExact(handle, memory, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle setMathMode =
      function("cublasSetMathMode", JAVA_INT, JAVA_LONG, JAVA_INT);

  /** Which precisions may be traded for speed: CUBLAS_..._MATH. */
  public int setMathMode(long handle, int mode) {
    try {
      return (int) setMathMode.invokeExact(handle, mode);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getMathMode =
      function("cublasGetMathMode", JAVA_INT, JAVA_LONG, ADDRESS);

  /** The same. */
  public int getMathMode(long handle, MemorySegment mode) {
    try {
      return (int) getMathMode.invokeExact(handle, mode);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle setPointerMode =
      function("cublasSetPointerMode_v2", JAVA_INT, JAVA_LONG, JAVA_INT);

  /** Whether alpha and beta lie on the host or the card: CUBLAS_POINTER_MODE_... */
  public int setPointerMode(long handle, int mode) {
    try {
      return (int) setPointerMode.invokeExact(handle, mode);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getPointerMode =
      function("cublasGetPointerMode_v2", JAVA_INT, JAVA_LONG, ADDRESS);

  /** The same. */
  public int getPointerMode(long handle, MemorySegment mode) {
    try {
      return (int) getPointerMode.invokeExact(handle, mode);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getStatusString = function("cublasGetStatusString", ADDRESS, JAVA_INT);

  /** What a code means, borrowed for good. */
  public MemorySegment getStatusString(int code) {
    try {
      return (MemorySegment) getStatusString.invokeExact(code);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function of this class; needs no library. */
  public static Map<String, FunctionDescriptor> declarations() {
    return new CuBlasHandles(name -> Optional.empty()).declared();
  }
}
