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
 * The CUDA driver: devices, contexts, modules, kernels. What is returned is 0 or an error code,
 * unless a method says otherwise.
 */
public final class CudaDriver extends BoundLibrary {
  /** Binds against a library, or against whatever else has its functions. */
  public CudaDriver(SymbolLookup symbols) {
    super(symbols, Library.DRIVER);
  }

  /**
   * Binds against the library of this machine.
   *
   * @throws dev.jlora.natives.NativeLoadException if it is missing
   */
  public static CudaDriver load() {
    return new CudaDriver(CudaLibraries.driver());
  }

  private final MethodHandle init = function("cuInit", JAVA_INT, JAVA_INT);

  /** Must come first; flags are 0. */
  public int init(int flags) {
    try {
      return (int) init.invokeExact(flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle driverGetVersion = function("cuDriverGetVersion", JAVA_INT, ADDRESS);

  /** The CUDA version that the driver understands: 1000 * major + 10 * minor. */
  public int driverGetVersion(MemorySegment version) {
    try {
      return (int) driverGetVersion.invokeExact(version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle deviceGetCount = function("cuDeviceGetCount", JAVA_INT, ADDRESS);

  /** Devices that CUDA_VISIBLE_DEVICES lets this process see. */
  public int deviceGetCount(MemorySegment count) {
    try {
      return (int) deviceGetCount.invokeExact(count);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle deviceGet = function("cuDeviceGet", JAVA_INT, ADDRESS, JAVA_INT);

  /** The device of an index. */
  public int deviceGet(MemorySegment device, int index) {
    try {
      return (int) deviceGet.invokeExact(device, index);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle deviceGetName =
      function("cuDeviceGetName", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

  /** The name of a device, at most length bytes with its end. */
  public int deviceGetName(MemorySegment name, int length, int device) {
    try {
      return (int) deviceGetName.invokeExact(name, length, device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle deviceGetAttribute =
      function("cuDeviceGetAttribute", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

  /** One number about a device: CU_DEVICE_ATTRIBUTE_... */
  public int deviceGetAttribute(MemorySegment value, int attribute, int device) {
    try {
      return (int) deviceGetAttribute.invokeExact(value, attribute, device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle deviceTotalMem =
      function("cuDeviceTotalMem_v2", JAVA_INT, ADDRESS, JAVA_INT);

  /** Bytes of a device's memory. */
  public int deviceTotalMem(MemorySegment bytes, int device) {
    try {
      return (int) deviceTotalMem.invokeExact(bytes, device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle devicePrimaryCtxRetain =
      function("cuDevicePrimaryCtxRetain", JAVA_INT, ADDRESS, JAVA_INT);

  /** The context that the CUDA runtime, and so libtorch, uses; counted, to be released. */
  public int devicePrimaryCtxRetain(MemorySegment context, int device) {
    try {
      return (int) devicePrimaryCtxRetain.invokeExact(context, device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle devicePrimaryCtxRelease =
      function("cuDevicePrimaryCtxRelease_v2", JAVA_INT, JAVA_INT);

  /** Gives one retain back. */
  public int devicePrimaryCtxRelease(int device) {
    try {
      return (int) devicePrimaryCtxRelease.invokeExact(device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle ctxSetCurrent = function("cuCtxSetCurrent", JAVA_INT, JAVA_LONG);

  /** Makes a context this thread's own. */
  public int ctxSetCurrent(long context) {
    try {
      return (int) ctxSetCurrent.invokeExact(context);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle ctxGetCurrent = function("cuCtxGetCurrent", JAVA_INT, ADDRESS);

  /** This thread's context, 0 for none. */
  public int ctxGetCurrent(MemorySegment context) {
    try {
      return (int) ctxGetCurrent.invokeExact(context);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle ctxSynchronize = function("cuCtxSynchronize", JAVA_INT);

  /** Waits for all work of the context, and tells what failed in it. */
  public int ctxSynchronize() {
    try {
      return (int) ctxSynchronize.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle moduleLoadDataEx =
      function("cuModuleLoadDataEx", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);

  /** Loads a CUBIN or PTX into the context; count options and their values lie in two arrays. */
  public int moduleLoadDataEx(
      MemorySegment module,
      MemorySegment image,
      int count,
      MemorySegment options,
      MemorySegment values) {
    try {
      return (int) moduleLoadDataEx.invokeExact(module, image, count, options, values);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle moduleGetFunction =
      function("cuModuleGetFunction", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);

  /** A kernel by its name. */
  public int moduleGetFunction(MemorySegment function, long module, MemorySegment name) {
    try {
      return (int) moduleGetFunction.invokeExact(function, module, name);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle moduleUnload = function("cuModuleUnload", JAVA_INT, JAVA_LONG);

  /** Takes a module out of the context. */
  public int moduleUnload(long module) {
    try {
      return (int) moduleUnload.invokeExact(module);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle launchKernel =
      function(
          "cuLaunchKernel",
          JAVA_INT,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_LONG,
          ADDRESS,
          ADDRESS);

  /** Queues a kernel; parameters[i] points at the value of argument i, and is read at once. */
  public int launchKernel(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int blockY,
      int blockZ,
      int sharedBytes,
      long stream,
      MemorySegment parameters,
      MemorySegment extra) {
    try {
      return (int)
          launchKernel.invokeExact(
              function,
              gridX,
              gridY,
              gridZ,
              blockX,
              blockY,
              blockZ,
              sharedBytes,
              stream,
              parameters,
              extra);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle funcGetAttribute =
      function("cuFuncGetAttribute", JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);

  /** One number about a kernel: CU_FUNC_ATTRIBUTE_... */
  public int funcGetAttribute(MemorySegment value, int attribute, long function) {
    try {
      return (int) funcGetAttribute.invokeExact(value, attribute, function);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle funcSetAttribute =
      function("cuFuncSetAttribute", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);

  /** Sets such a number; more than 48 KiB of dynamic shared memory must be asked for here. */
  public int funcSetAttribute(long function, int attribute, int value) {
    try {
      return (int) funcSetAttribute.invokeExact(function, attribute, value);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle occupancyMaxActiveBlocksPerMultiprocessor =
      function(
          "cuOccupancyMaxActiveBlocksPerMultiprocessor",
          JAVA_INT,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          JAVA_LONG);

  /** Blocks of a kernel that fit on one multiprocessor at once. */
  public int occupancyMaxActiveBlocksPerMultiprocessor(
      MemorySegment blocks, long function, int blockSize, long sharedBytes) {
    try {
      return (int)
          occupancyMaxActiveBlocksPerMultiprocessor.invokeExact(
              blocks, function, blockSize, sharedBytes);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getErrorName = function("cuGetErrorName", JAVA_INT, JAVA_INT, ADDRESS);

  /** The name of a code, borrowed for good. */
  public int getErrorName(int code, MemorySegment name) {
    try {
      return (int) getErrorName.invokeExact(code, name);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private final MethodHandle getErrorString =
      function("cuGetErrorString", JAVA_INT, JAVA_INT, ADDRESS);

  /** What a code means, borrowed for good. */
  public int getErrorString(int code, MemorySegment text) {
    try {
      return (int) getErrorString.invokeExact(code, text);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Name to signature of every function of this class; needs no library. */
  public static Map<String, FunctionDescriptor> declarations() {
    return new CudaDriver(name -> Optional.empty()).declared();
  }
}
