package dev.jlora.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.cuda.CudaDriver;
import dev.jlora.ffi.cuda.CudaMemory;
import dev.jlora.ffi.cuda.CudaRuntime;
import dev.jlora.ffi.cuda.CudaStreams;
import dev.jlora.ffi.cuda.CudaValues;
import java.lang.foreign.FunctionDescriptor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A driver with GPUs that run nothing. */
public final class FakeDriver {
  private static final Map<Integer, Integer> H200 =
      Map.of(
          CudaValues.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 9,
          CudaValues.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0,
          CudaValues.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 132,
          CudaValues.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 232448);

  private FakeDriver() {}

  /**
   * A driver of a CUDA version.
   *
   * @param version such as 13000
   */
  public static FakeLibrary of(int version, int gpus) {
    Map<String, FunctionDescriptor> declared = new HashMap<>(CudaDriver.declarations());
    declared.putAll(CudaMemory.declarations());
    declared.putAll(CudaStreams.declarations());
    return new FakeLibrary(declared)
        .on("cuDriverGetVersion", arguments -> answer(arguments[0], version))
        .on("cuDeviceGetCount", arguments -> answer(arguments[0], gpus))
        .on("cuDeviceGet", arguments -> answer(arguments[0], (int) arguments[1]))
        .on("cuDeviceGetAttribute", arguments -> answer(arguments[0], H200.get(arguments[1])))
        .on("cuDeviceTotalMem_v2", arguments -> answerLong(arguments[0], 139L << 30))
        .on("cuModuleLoadDataEx", arguments -> answerLong(arguments[0], 7))
        .on("cuModuleGetFunction", arguments -> answerLong(arguments[0], 8))
        .on("cuDevicePrimaryCtxRetain", arguments -> answerLong(arguments[0], 9))
        .on(
            "cuDeviceGetName",
            arguments -> {
              FakeLibrary.out(arguments[0], 256).setString(0, "NVIDIA H200");
              return 0;
            });
  }

  /** Writes an int where an argument points to, and succeeds. */
  public static int answer(Object out, int value) {
    FakeLibrary.out(out, Integer.BYTES).set(JAVA_INT, 0, value);
    return 0;
  }

  /** Writes a long where an argument points to, and succeeds. */
  public static int answerLong(Object out, long value) {
    FakeLibrary.out(out, Long.BYTES).set(JAVA_LONG, 0, value);
    return 0;
  }

  static Cuda cuda(FakeLibrary driver) {
    return over(driver, Optional.empty());
  }

  static Cuda over(FakeLibrary driver, Optional<CudaRuntime> runtime) {
    return Cuda.over(
        new CudaDriver(driver), new CudaMemory(driver), new CudaStreams(driver), runtime);
  }
}
