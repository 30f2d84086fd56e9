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

/**
 * The CUDA runtime that libtorch is linked to: versions, this thread's device and its errors.
 * Methods return 0 or an error code, unless stated otherwise.
 */
public final class CudaRuntime extends BoundLibrary {
  /** Binds against a library, or against whatever else has its functions. */
  public CudaRuntime(SymbolLookup symbols) {
    super(symbols, Library.RUNTIME);
  }

  /**
   * Binds against the library of this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  public static CudaRuntime load() {
    return new CudaRuntime(Library.RUNTIME.symbols());
  }

  private static final FunctionDescriptor RUNTIME_GET_VERSION =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle runtimeGetVersion =
      function("cudaRuntimeGetVersion", RUNTIME_GET_VERSION);

  /**
   * The version of the CUDA runtime: 1000 * major + 10 * minor.
   *
   * <pre>{@code
   * int32_t cudaRuntimeGetVersion(int32_t *version);
   * }</pre>
   */
  public int runtimeGetVersion(MemorySegment version) {
    try {
      return (int) runtimeGetVersion.invokeExact(version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DRIVER_GET_VERSION =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle driverGetVersion =
      function("cudaDriverGetVersion", DRIVER_GET_VERSION);

  /**
   * The latest CUDA version that the driver supports; 0 if no driver is installed.
   *
   * <pre>{@code
   * int32_t cudaDriverGetVersion(int32_t *version);
   * }</pre>
   */
  public int driverGetVersion(MemorySegment version) {
    try {
      return (int) driverGetVersion.invokeExact(version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_DEVICE_COUNT =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle getDeviceCount = function("cudaGetDeviceCount", GET_DEVICE_COUNT);

  /**
   * The number of devices visible to this process.
   *
   * <pre>{@code
   * int32_t cudaGetDeviceCount(int32_t *count);
   * }</pre>
   */
  public int getDeviceCount(MemorySegment count) {
    try {
      return (int) getDeviceCount.invokeExact(count);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_DEVICE = FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle getDevice = function("cudaGetDevice", GET_DEVICE);

  /**
   * This thread's current device.
   *
   * <pre>{@code
   * int32_t cudaGetDevice(int32_t *index);
   * }</pre>
   */
  public int getDevice(MemorySegment index) {
    try {
      return (int) getDevice.invokeExact(index);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor SET_DEVICE = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
  private final MethodHandle setDevice = function("cudaSetDevice", SET_DEVICE);

  /**
   * Makes a device and its primary context current for this thread.
   *
   * <pre>{@code
   * int32_t cudaSetDevice(int32_t index);
   * }</pre>
   */
  public int setDevice(int index) {
    try {
      return (int) setDevice.invokeExact(index);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_LAST_ERROR = FunctionDescriptor.of(JAVA_INT);
  private final MethodHandle getLastError = function("cudaGetLastError", GET_LAST_ERROR);

  /**
   * Returns and clears the last error of this thread.
   *
   * <pre>{@code
   * int32_t cudaGetLastError(void);
   * }</pre>
   */
  public int getLastError() {
    try {
      return (int) getLastError.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor PEEK_AT_LAST_ERROR = FunctionDescriptor.of(JAVA_INT);
  private final MethodHandle peekAtLastError = function("cudaPeekAtLastError", PEEK_AT_LAST_ERROR);

  /**
   * Returns the last error of this thread without clearing it.
   *
   * <pre>{@code
   * int32_t cudaPeekAtLastError(void);
   * }</pre>
   */
  public int peekAtLastError() {
    try {
      return (int) peekAtLastError.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_ERROR_NAME = FunctionDescriptor.of(ADDRESS, JAVA_INT);
  private final MethodHandle getErrorName = function("cudaGetErrorName", GET_ERROR_NAME);

  /**
   * The name of an error code; a static string.
   *
   * <pre>{@code
   * const char *cudaGetErrorName(int32_t code);
   * }</pre>
   */
  public MemorySegment getErrorName(int code) {
    try {
      return (MemorySegment) getErrorName.invokeExact(code);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_ERROR_STRING =
      FunctionDescriptor.of(ADDRESS, JAVA_INT);
  private final MethodHandle getErrorString = function("cudaGetErrorString", GET_ERROR_STRING);

  /**
   * The description of an error code; a static string.
   *
   * <pre>{@code
   * const char *cudaGetErrorString(int32_t code);
   * }</pre>
   */
  public MemorySegment getErrorString(int code) {
    try {
      return (MemorySegment) getErrorString.invokeExact(code);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function of this class; needs no library. */
  public static Map<String, FunctionDescriptor> declarations() {
    return new CudaRuntime(name -> Optional.empty()).declared();
  }
}
