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
 * The CUDA driver: devices, contexts, modules and kernels. Methods return 0 or an error code,
 * unless stated otherwise.
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
    return new CudaDriver(Library.DRIVER.symbols());
  }

  private static final FunctionDescriptor INIT = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
  private final MethodHandle init = function("cuInit", INIT);

  /**
   * Initializes the driver; required before any other call. flags must be 0.
   *
   * <pre>{@code
   * int32_t cuInit(uint32_t flags);
   * }</pre>
   */
  public int init(int flags) {
    try {
      return (int) init.invokeExact(flags);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DRIVER_GET_VERSION =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle driverGetVersion = function("cuDriverGetVersion", DRIVER_GET_VERSION);

  /**
   * The latest CUDA version that the driver supports: 1000 * major + 10 * minor.
   *
   * <pre>{@code
   * int32_t cuDriverGetVersion(int32_t *version);
   * }</pre>
   */
  public int driverGetVersion(MemorySegment version) {
    try {
      return (int) driverGetVersion.invokeExact(version);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DEVICE_GET_COUNT =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle deviceGetCount = function("cuDeviceGetCount", DEVICE_GET_COUNT);

  /**
   * The number of devices visible to this process (see CUDA_VISIBLE_DEVICES).
   *
   * <pre>{@code
   * int32_t cuDeviceGetCount(int32_t *count);
   * }</pre>
   */
  public int deviceGetCount(MemorySegment count) {
    try {
      return (int) deviceGetCount.invokeExact(count);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DEVICE_GET =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle deviceGet = function("cuDeviceGet", DEVICE_GET);

  /**
   * The device with an index.
   *
   * <pre>{@code
   * int32_t cuDeviceGet(int32_t *device, int32_t index);
   * }</pre>
   */
  public int deviceGet(MemorySegment device, int index) {
    try {
      return (int) deviceGet.invokeExact(device, index);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DEVICE_GET_NAME =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private final MethodHandle deviceGetName = function("cuDeviceGetName", DEVICE_GET_NAME);

  /**
   * The name of a device: at most length bytes, including the terminating null.
   *
   * <pre>{@code
   * int32_t cuDeviceGetName(char *name, int32_t length, int32_t device);
   * }</pre>
   */
  public int deviceGetName(MemorySegment name, int length, int device) {
    try {
      return (int) deviceGetName.invokeExact(name, length, device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DEVICE_GET_ATTRIBUTE =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private final MethodHandle deviceGetAttribute =
      function("cuDeviceGetAttribute", DEVICE_GET_ATTRIBUTE);

  /**
   * An attribute of a device: CU_DEVICE_ATTRIBUTE_...
   *
   * <pre>{@code
   * int32_t cuDeviceGetAttribute(int32_t *value, int32_t attribute, int32_t device);
   * }</pre>
   */
  public int deviceGetAttribute(MemorySegment value, int attribute, int device) {
    try {
      return (int) deviceGetAttribute.invokeExact(value, attribute, device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DEVICE_TOTAL_MEM =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle deviceTotalMem = function("cuDeviceTotalMem_v2", DEVICE_TOTAL_MEM);

  /**
   * The size of a device's memory in bytes.
   *
   * <pre>{@code
   * int32_t cuDeviceTotalMem_v2(size_t *bytes, int32_t device);
   * }</pre>
   */
  public int deviceTotalMem(MemorySegment bytes, int device) {
    try {
      return (int) deviceTotalMem.invokeExact(bytes, device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DEVICE_PRIMARY_CTX_RETAIN =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);
  private final MethodHandle devicePrimaryCtxRetain =
      function("cuDevicePrimaryCtxRetain", DEVICE_PRIMARY_CTX_RETAIN);

  /**
   * Retains the primary context, which the CUDA runtime and libtorch use; reference-counted.
   *
   * <pre>{@code
   * int32_t cuDevicePrimaryCtxRetain(jlora_context *context, int32_t device);
   * }</pre>
   */
  public int devicePrimaryCtxRetain(MemorySegment context, int device) {
    try {
      return (int) devicePrimaryCtxRetain.invokeExact(context, device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor DEVICE_PRIMARY_CTX_RELEASE =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT);
  private final MethodHandle devicePrimaryCtxRelease =
      function("cuDevicePrimaryCtxRelease_v2", DEVICE_PRIMARY_CTX_RELEASE);

  /**
   * Releases one reference to the primary context.
   *
   * <pre>{@code
   * int32_t cuDevicePrimaryCtxRelease_v2(int32_t device);
   * }</pre>
   */
  public int devicePrimaryCtxRelease(int device) {
    try {
      return (int) devicePrimaryCtxRelease.invokeExact(device);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor CTX_SET_CURRENT =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle ctxSetCurrent = function("cuCtxSetCurrent", CTX_SET_CURRENT);

  /**
   * Makes a context current for this thread.
   *
   * <pre>{@code
   * int32_t cuCtxSetCurrent(jlora_context context);
   * }</pre>
   */
  public int ctxSetCurrent(long context) {
    try {
      return (int) ctxSetCurrent.invokeExact(context);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor CTX_GET_CURRENT =
      FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private final MethodHandle ctxGetCurrent = function("cuCtxGetCurrent", CTX_GET_CURRENT);

  /**
   * This thread's current context; 0 if there is none.
   *
   * <pre>{@code
   * int32_t cuCtxGetCurrent(jlora_context *context);
   * }</pre>
   */
  public int ctxGetCurrent(MemorySegment context) {
    try {
      return (int) ctxGetCurrent.invokeExact(context);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor CTX_SYNCHRONIZE = FunctionDescriptor.of(JAVA_INT);
  private final MethodHandle ctxSynchronize = function("cuCtxSynchronize", CTX_SYNCHRONIZE);

  /**
   * Waits for all work of the current context, and reports its errors.
   *
   * <pre>{@code
   * int32_t cuCtxSynchronize(void);
   * }</pre>
   */
  public int ctxSynchronize() {
    try {
      return (int) ctxSynchronize.invokeExact();
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MODULE_LOAD_DATA_EX =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
  private final MethodHandle moduleLoadDataEx = function("cuModuleLoadDataEx", MODULE_LOAD_DATA_EX);

  /**
   * Loads a CUBIN or PTX into the current context; options and values are arrays of count.
   *
   * <pre>{@code
   * int32_t cuModuleLoadDataEx(jlora_module *module, const void *image, uint32_t count, int32_t *options,
   *                            void **values);
   * }</pre>
   */
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

  private static final FunctionDescriptor MODULE_GET_FUNCTION =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS);
  private final MethodHandle moduleGetFunction =
      function("cuModuleGetFunction", MODULE_GET_FUNCTION);

  /**
   * The kernel with a name.
   *
   * <pre>{@code
   * int32_t cuModuleGetFunction(jlora_function *function, jlora_module module, const char *name);
   * }</pre>
   */
  public int moduleGetFunction(MemorySegment function, long module, MemorySegment name) {
    try {
      return (int) moduleGetFunction.invokeExact(function, module, name);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor MODULE_UNLOAD =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private final MethodHandle moduleUnload = function("cuModuleUnload", MODULE_UNLOAD);

  /**
   * Unloads a module.
   *
   * <pre>{@code
   * int32_t cuModuleUnload(jlora_module module);
   * }</pre>
   */
  public int moduleUnload(long module) {
    try {
      return (int) moduleUnload.invokeExact(module);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor LAUNCH_KERNEL =
      FunctionDescriptor.of(
          JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
          JAVA_LONG, ADDRESS, ADDRESS);
  private final MethodHandle launchKernel = function("cuLaunchKernel", LAUNCH_KERNEL);

  /**
   * Launches a kernel; parameters[i] points to argument i, which is copied by the call.
   *
   * <pre>{@code
   * int32_t cuLaunchKernel(jlora_function function, uint32_t grid_x, uint32_t grid_y, uint32_t grid_z,
   *                        uint32_t block_x, uint32_t block_y, uint32_t block_z, uint32_t shared_bytes,
   *                        jlora_stream stream, void **parameters, void **extra);
   * }</pre>
   */
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

  private static final FunctionDescriptor FUNC_GET_ATTRIBUTE =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
  private final MethodHandle funcGetAttribute = function("cuFuncGetAttribute", FUNC_GET_ATTRIBUTE);

  /**
   * An attribute of a kernel: CU_FUNC_ATTRIBUTE_...
   *
   * <pre>{@code
   * int32_t cuFuncGetAttribute(int32_t *value, int32_t attribute, jlora_function function);
   * }</pre>
   */
  public int funcGetAttribute(MemorySegment value, int attribute, long function) {
    try {
      return (int) funcGetAttribute.invokeExact(value, attribute, function);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor FUNC_SET_ATTRIBUTE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
  private final MethodHandle funcSetAttribute = function("cuFuncSetAttribute", FUNC_SET_ATTRIBUTE);

  /**
   * Sets an attribute of a kernel; required for more than 48 KiB of dynamic shared memory.
   *
   * <pre>{@code
   * int32_t cuFuncSetAttribute(jlora_function function, int32_t attribute, int32_t value);
   * }</pre>
   */
  public int funcSetAttribute(long function, int attribute, int value) {
    try {
      return (int) funcSetAttribute.invokeExact(function, attribute, value);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private final MethodHandle occupancyMaxActiveBlocksPerMultiprocessor =
      function(
          "cuOccupancyMaxActiveBlocksPerMultiprocessor",
          OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR);

  /**
   * The maximum number of resident blocks of a kernel per multiprocessor.
   *
   * <pre>{@code
   * int32_t cuOccupancyMaxActiveBlocksPerMultiprocessor(int32_t *blocks, jlora_function function,
   *                                                     int32_t block_size, size_t shared_bytes);
   * }</pre>
   */
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

  private static final FunctionDescriptor GET_ERROR_NAME =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS);
  private final MethodHandle getErrorName = function("cuGetErrorName", GET_ERROR_NAME);

  /**
   * The name of an error code; a static string.
   *
   * <pre>{@code
   * int32_t cuGetErrorName(int32_t code, const char **name);
   * }</pre>
   */
  public int getErrorName(int code, MemorySegment name) {
    try {
      return (int) getErrorName.invokeExact(code, name);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private static final FunctionDescriptor GET_ERROR_STRING =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS);
  private final MethodHandle getErrorString = function("cuGetErrorString", GET_ERROR_STRING);

  /**
   * The description of an error code; a static string.
   *
   * <pre>{@code
   * int32_t cuGetErrorString(int32_t code, const char **text);
   * }</pre>
   */
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
