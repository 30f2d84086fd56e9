// Generated from bindings/cuda/src/main/c/jlora_cuda.h by 'mvn -N generate-sources -Pdowncalls'.
// Do not edit: change the header.
package dev.jlora.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * cuBLAS handles, their settings and the descriptions of error codes. Methods return 0 or an error
 * code, unless stated otherwise.
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
    return new CuBlasHandles(Library.BLAS.symbols());
  }

  private static final FunctionDescriptor CREATE = FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle create = function("cublasCreate_v2", CREATE);

  /**
   * Creates a handle; training uses libtorch's handle instead.
   *
   * <pre>{@code
   * int32_t cublasCreate_v2(jlora_blas *handle);
   * }</pre>
   */
  public int create(MemorySegment handle) {
    try {
      return (int) create.invokeExact(handle);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DESTROY = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle destroy = function("cublasDestroy_v2", DESTROY);

  /**
   * Destroys a handle.
   *
   * <pre>{@code
   * int32_t cublasDestroy_v2(jlora_blas handle);
   * }</pre>
   */
  public int destroy(long handle) {
    try {
      return (int) destroy.invokeExact(handle);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_VERSION =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle getVersion = function("cublasGetVersion_v2", GET_VERSION);

  /**
   * The version: 10000 * major + 100 * minor + patch.
   *
   * <pre>{@code
   * int32_t cublasGetVersion_v2(jlora_blas handle, int32_t *version);
   * }</pre>
   */
  public int getVersion(long handle, MemorySegment version) {
    try {
      return (int) getVersion.invokeExact(handle, version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor SET_STREAM =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);
  private final MethodHandle setStream = function("cublasSetStream_v2", SET_STREAM);

  /**
   * Sets the stream on which products are queued.
   *
   * <pre>{@code
   * int32_t cublasSetStream_v2(jlora_blas handle, jlora_stream stream);
   * }</pre>
   */
  public int setStream(long handle, long stream) {
    try {
      return (int) setStream.invokeExact(handle, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_STREAM =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle getStream = function("cublasGetStream_v2", GET_STREAM);

  /**
   * The stream on which products are queued.
   *
   * <pre>{@code
   * int32_t cublasGetStream_v2(jlora_blas handle, jlora_stream *stream);
   * }</pre>
   */
  public int getStream(long handle, MemorySegment stream) {
    try {
      return (int) getStream.invokeExact(handle, stream);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor SET_WORKSPACE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private final MethodHandle setWorkspace = function("cublasSetWorkspace_v2", SET_WORKSPACE);

  /**
   * Sets the workspace in device memory; a captured graph needs one that is not freed.
   *
   * <pre>{@code
   * int32_t cublasSetWorkspace_v2(jlora_blas handle, jlora_address memory, size_t bytes);
   * }</pre>
   */
  public int setWorkspace(long handle, long memory, long bytes) {
    try {
      return (int) setWorkspace.invokeExact(handle, memory, bytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor SET_MATH_MODE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT);
  private final MethodHandle setMathMode = function("cublasSetMathMode", SET_MATH_MODE);

  /**
   * Sets the math mode, which may allow lower precision: CUBLAS_..._MATH.
   *
   * <pre>{@code
   * int32_t cublasSetMathMode(jlora_blas handle, int32_t mode);
   * }</pre>
   */
  public int setMathMode(long handle, int mode) {
    try {
      return (int) setMathMode.invokeExact(handle, mode);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_MATH_MODE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle getMathMode = function("cublasGetMathMode", GET_MATH_MODE);

  /**
   * The math mode.
   *
   * <pre>{@code
   * int32_t cublasGetMathMode(jlora_blas handle, int32_t *mode);
   * }</pre>
   */
  public int getMathMode(long handle, MemorySegment mode) {
    try {
      return (int) getMathMode.invokeExact(handle, mode);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor SET_POINTER_MODE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT);
  private final MethodHandle setPointerMode = function("cublasSetPointerMode_v2", SET_POINTER_MODE);

  /**
   * Sets whether alpha and beta are in host or device memory: CUBLAS_POINTER_MODE_...
   *
   * <pre>{@code
   * int32_t cublasSetPointerMode_v2(jlora_blas handle, int32_t mode);
   * }</pre>
   */
  public int setPointerMode(long handle, int mode) {
    try {
      return (int) setPointerMode.invokeExact(handle, mode);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_POINTER_MODE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS);
  private final MethodHandle getPointerMode = function("cublasGetPointerMode_v2", GET_POINTER_MODE);

  /**
   * Whether alpha and beta are in host or device memory.
   *
   * <pre>{@code
   * int32_t cublasGetPointerMode_v2(jlora_blas handle, int32_t *mode);
   * }</pre>
   */
  public int getPointerMode(long handle, MemorySegment mode) {
    try {
      return (int) getPointerMode.invokeExact(handle, mode);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_STATUS_STRING =
      FunctionDescriptor.of(ADDRESS, JAVA_INT);
  private final MethodHandle getStatusString = function("cublasGetStatusString", GET_STATUS_STRING);

  /**
   * The description of an error code; a static string.
   *
   * <pre>{@code
   * const char *cublasGetStatusString(int32_t code);
   * }</pre>
   */
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
