package dev.jlora.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jlora.tensor.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The kernels of one GPU: compiled on first use, cached on disk, and loaded once for the life of
 * the process. Thread-safe.
 */
public final class Kernels {
  private static final int IMAGE_ALIGNMENT = 16;
  private static final Map<Integer, Kernels> OF_GPUS = new ConcurrentHashMap<>();

  private record Named(KernelBuild build, String function) {}

  private final Cuda cuda;
  private final Gpu gpu;
  private final Device device;
  private final KernelCompiler compiler;
  private final KernelCache cache;
  private final Map<KernelBuild, Long> modules = new ConcurrentHashMap<>();
  private final Map<Named, Kernel> kernels = new ConcurrentHashMap<>();

  /**
   * @param device of the kernels' tensors
   */
  Kernels(Cuda cuda, Gpu gpu, Device device, KernelCompiler compiler, KernelCache cache) {
    this.cuda = cuda;
    this.gpu = gpu;
    this.device = device;
    this.compiler = compiler;
    this.cache = cache;
  }

  /**
   * The kernels of a CUDA device.
   *
   * @throws CudaException if there is no such GPU, or no driver compatible with libtorch
   * @throws dev.jlora.natives.NativeLoadException if the driver, the compiler or libtorch's CUDA
   *     build is missing
   */
  public static Kernels of(Device device) {
    if (device.kind() != Device.Kind.CUDA) {
      throw new IllegalArgumentException(
          "CUDA kernels: got a tensor on " + device + ", expected one on cuda:INDEX");
    }
    return OF_GPUS.computeIfAbsent(
        device.index(),
        index -> {
          Cuda cuda = Cuda.load();
          return new Kernels(
              cuda, cuda.gpu(index), device, KernelCompiler.load(), KernelCache.standard());
        });
  }

  /** The GPU. */
  public Gpu gpu() {
    return gpu;
  }

  /** The device of the tensors. */
  public Device device() {
    return device;
  }

  /**
   * A kernel of a source.
   *
   * @throws CudaException if it does not compile or load
   */
  public Kernel kernel(KernelBuild build, String function) {
    return kernels.computeIfAbsent(new Named(build, function), this::find);
  }

  private Kernel find(Named named) {
    long module = modules.computeIfAbsent(named.build(), this::load);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      Cuda.check(
          cuda.driver().moduleGetFunction(out, module, arena.allocateFrom(named.function())),
          "looking for %s in %s".formatted(named.function(), named.build()));
      return new Kernel(cuda.driver(), out.get(JAVA_LONG, 0), named.function());
    }
  }

  private long load(KernelBuild build) {
    String architecture = gpu.architecture();
    byte[] image =
        cache.get(
            build.key(architecture, compiler.version()),
            () -> compiler.compile(build, architecture));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      MemorySegment bytes = arena.allocate(image.length, IMAGE_ALIGNMENT);
      MemorySegment.copy(image, 0, bytes, JAVA_BYTE, 0, image.length);
      cuda.enter(gpu);
      Cuda.check(
          cuda.driver().moduleLoadDataEx(out, bytes, 0, MemorySegment.NULL, MemorySegment.NULL),
          "loading %s on %s".formatted(build, gpu));
      return out.get(JAVA_LONG, 0);
    }
  }
}
