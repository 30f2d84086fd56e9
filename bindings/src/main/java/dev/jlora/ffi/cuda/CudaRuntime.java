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
 * The CUDA runtime that libtorch is linked to: versions, this thread's device, its errors. What is
 * returned is 0 or an error code, unless a method says otherwise.
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
    return new CudaRuntime(CudaLibraries.torch());
  }

  private final MethodHandle runtimeGetVersion =
      function("cudaRuntimeGetVersion", JAVA_INT, ADDRESS);

  /** The CUDA version of the runtime: 1000 * major + 10 * minor. */
  public int runtimeGetVersion(MemorySegment version) {
    try {
      return (int) runtimeGetVersion.invokeExact(version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle driverGetVersion = function("cudaDriverGetVersion", JAVA_INT, ADDRESS);

  /** The CUDA version that the driver understands, 0 without one. */
  public int driverGetVersion(MemorySegment version) {
    try {
      return (int) driverGetVersion.invokeExact(version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getDeviceCount = function("cudaGetDeviceCount", JAVA_INT, ADDRESS);

  /** Devices that this process sees. */
  public int getDeviceCount(MemorySegment count) {
    try {
      return (int) getDeviceCount.invokeExact(count);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getDevice = function("cudaGetDevice", JAVA_INT, ADDRESS);

  /** This thread's device. */
  public int getDevice(MemorySegment index) {
    try {
      return (int) getDevice.invokeExact(index);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle setDevice = function("cudaSetDevice", JAVA_INT, JAVA_INT);

  /** Makes a device this thread's own, with its context. */
  public int setDevice(int index) {
    try {
      return (int) setDevice.invokeExact(index);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getLastError = function("cudaGetLastError", JAVA_INT);

  /** The last error of this thread, which it forgets by this. */
  public int getLastError() {
    try {
      return (int) getLastError.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle peekAtLastError = function("cudaPeekAtLastError", JAVA_INT);

  /** The last error of this thread. */
  public int peekAtLastError() {
    try {
      return (int) peekAtLastError.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getErrorName = function("cudaGetErrorName", ADDRESS, JAVA_INT);

  /** The name of a code, borrowed for good. */
  public MemorySegment getErrorName(int code) {
    try {
      return (MemorySegment) getErrorName.invokeExact(code);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getErrorString = function("cudaGetErrorString", ADDRESS, JAVA_INT);

  /** What a code means, borrowed for good. */
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
