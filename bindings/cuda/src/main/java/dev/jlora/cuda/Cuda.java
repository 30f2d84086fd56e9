package dev.jlora.cuda;

import static dev.jlora.ffi.cuda.CudaValues.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static dev.jlora.ffi.cuda.CudaValues.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static dev.jlora.ffi.cuda.CudaValues.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static dev.jlora.ffi.cuda.CudaValues.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.ffi.cuda.CudaDriver;
import dev.jlora.ffi.cuda.CudaMemory;
import dev.jlora.ffi.cuda.CudaRuntime;
import dev.jlora.ffi.cuda.CudaStreams;
import dev.jlora.ffi.cuda.Library;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The initialized driver and its GPUs. */
public final class Cuda {
  private static final int NAME_BYTES = 256;
  private static final int MAJOR = 1000;

  private static @Nullable Cuda loaded;

  private final CudaDriver driver;
  private final CudaMemory memory;
  private final CudaStreams streams;
  private final int version;

  private Cuda(CudaDriver driver, CudaMemory memory, CudaStreams streams) {
    this.driver = driver;
    this.memory = memory;
    this.streams = streams;
    check(driver.init(0), "cuInit");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      check(driver.driverGetVersion(out), "cuDriverGetVersion");
      version = out.get(JAVA_INT, 0);
    }
  }

  /**
   * Loads the driver on first use, and compares its version with the CUDA version of libtorch.
   *
   * @throws dev.jlora.natives.NativeLoadException without a driver, or with a libtorch without CUDA
   * @throws CudaException if the driver sees no GPU, or is older than libtorch needs
   */
  public static synchronized Cuda load() {
    Cuda cuda = loaded;
    if (cuda == null) {
      cuda =
          over(
              CudaDriver.load(),
              CudaMemory.load(),
              CudaStreams.load(),
              Optional.of(CudaRuntime.load()));
      loaded = cuda;
    }
    return cuda;
  }

  /**
   * Uses any library with the driver's functions.
   *
   * @param runtime the CUDA runtime in use; empty to skip the version check
   */
  static Cuda over(
      CudaDriver driver, CudaMemory memory, CudaStreams streams, Optional<CudaRuntime> runtime) {
    Cuda cuda = new Cuda(driver, memory, streams);
    runtime.ifPresent(cuda::requireDriverFor);
    return cuda;
  }

  /**
   * A driver supports code built for its major version, with any minor version, and for older ones.
   */
  void requireDriverFor(CudaRuntime runtime) {
    int needed = version(runtime);
    if (version / MAJOR < needed / MAJOR) {
      throw new CudaException(
          "The NVIDIA driver is too old: it supports CUDA %s, and libtorch was built for CUDA %s."
              .formatted(text(version), text(needed)),
          "update the NVIDIA driver (nvidia-smi shows its version), or use a libtorch that was"
              + " built for CUDA %d".formatted(version / MAJOR),
          Optional.empty());
    }
  }

  /** The CUDA version of a runtime as a number: 13000. */
  static int version(CudaRuntime runtime) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      CudaException.check(
          Library.RUNTIME, runtime.runtimeGetVersion(out), () -> "cudaRuntimeGetVersion");
      return out.get(JAVA_INT, 0);
    }
  }

  static String text(int version) {
    return "%d.%d".formatted(version / MAJOR, version % MAJOR / 10);
  }

  /** The CUDA version that the driver supports, such as {@code 13.0}. */
  public String version() {
    return text(version);
  }

  /** Number of GPUs that this process sees. */
  public int count() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      check(driver.deviceGetCount(out), "cuDeviceGetCount");
      return out.get(JAVA_INT, 0);
    }
  }

  /**
   * The GPU with an index.
   *
   * @throws CudaException if there is none
   */
  public Gpu gpu(int index) {
    int count = count();
    if (index < 0 || index >= count) {
      throw new CudaException(
          "device cuda:%d: got index %d, and this process sees %s."
              .formatted(index, index, gpus(count)),
          "name one of them; CUDA_VISIBLE_DEVICES determines which of them a process sees",
          Optional.of(CudaError.CUDA_ERROR_INVALID_DEVICE));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check(driver.deviceGet(out, index), "cuDeviceGet(%d)".formatted(index));
      int device = out.get(JAVA_INT, 0);
      MemorySegment name = arena.allocate(NAME_BYTES);
      check(driver.deviceGetName(name, NAME_BYTES, device), "cuDeviceGetName");
      check(driver.deviceTotalMem(out, device), "cuDeviceTotalMem");
      long bytes = out.get(JAVA_LONG, 0);
      return new Gpu(
          index,
          name.getString(0),
          attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, out),
          attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, out),
          attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, out),
          attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, out),
          bytes);
    }
  }

  private static String gpus(int count) {
    return switch (count) {
      case 0 -> "no GPU";
      case 1 -> "one GPU, cuda:0";
      default ->
          count
              + " GPUs, "
              + String.join(
                  ", ", IntStream.range(0, count).mapToObj(index -> "cuda:" + index).toList());
    };
  }

  private int attribute(int device, int attribute, MemorySegment out) {
    check(
        driver.deviceGetAttribute(out, attribute, device),
        "cuDeviceGetAttribute(%d)".formatted(attribute));
    return out.get(JAVA_INT, 0);
  }

  /** Free and total bytes of the current GPU's memory. */
  public record MemoryInfo(long free, long total) {}

  /** Memory of this thread's current GPU. */
  public MemoryInfo memoryInfo() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(JAVA_LONG);
      MemorySegment total = arena.allocate(JAVA_LONG);
      check(memory.getInfo(free, total), "cuMemGetInfo");
      return new MemoryInfo(free.get(JAVA_LONG, 0), total.get(JAVA_LONG, 0));
    }
  }

  /** Makes the context that libtorch uses on a GPU current for this thread. */
  public void enter(Gpu gpu) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check(driver.deviceGet(out, gpu.index()), "cuDeviceGet");
      int device = out.get(JAVA_INT, 0);
      check(driver.devicePrimaryCtxRetain(out, device), "cuDevicePrimaryCtxRetain");
      check(driver.ctxSetCurrent(out.get(JAVA_LONG, 0)), "cuCtxSetCurrent");
    }
  }

  /** Waits for all work on this thread's current GPU, and throws if any of it failed. */
  public void synchronize() {
    check(driver.ctxSynchronize(), "cuCtxSynchronize");
  }

  CudaDriver driver() {
    return driver;
  }

  CudaMemory memory() {
    return memory;
  }

  CudaStreams streams() {
    return streams;
  }

  static void check(int code, String call) {
    if (code != 0) {
      throw CudaException.of(Library.DRIVER, code, call);
    }
  }
}
