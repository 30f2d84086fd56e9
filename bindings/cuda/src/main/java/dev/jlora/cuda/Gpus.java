package dev.jlora.cuda;

import dev.jlora.backend.DeviceSupport.Obstacle;
import dev.jlora.ffi.cuda.CudaDriver;
import dev.jlora.ffi.cuda.CudaMemory;
import dev.jlora.ffi.cuda.CudaRuntime;
import dev.jlora.ffi.cuda.CudaStreams;
import dev.jlora.natives.NativeLoadException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The GPUs of this machine as seen by the driver, and the reason why libtorch cannot use them, if
 * any.
 */
public final class Gpus {
  private static final Obstacle NO_CUDA_BUILD =
      new Obstacle(
          "This libtorch was built without CUDA.",
          "name the torch/lib folder of a PyTorch 2.10 or newer that was built for CUDA with"
              + " JLORA_LIBTORCH or -Djlora.libtorch");
  private static final Obstacle NO_GPU =
      new Obstacle(
          "The NVIDIA driver sees no GPU.",
          "check that nvidia-smi lists one and that CUDA_VISIBLE_DEVICES does not hide it");

  private final List<Gpu> gpus;
  private final @Nullable Cuda cuda;
  private final @Nullable String toolkit;
  private final @Nullable Obstacle obstacle;

  private Gpus(
      List<Gpu> gpus, @Nullable Cuda cuda, @Nullable String toolkit, @Nullable Obstacle obstacle) {
    this.gpus = gpus;
    this.cuda = cuda;
    this.toolkit = toolkit;
    this.obstacle = obstacle;
  }

  /**
   * Queries the driver. Creates no context, takes no GPU memory and throws nothing.
   *
   * @param cudaBuild whether libtorch was built for CUDA
   */
  public static Gpus look(boolean cudaBuild) {
    return look(
        () -> Cuda.over(CudaDriver.load(), CudaMemory.load(), CudaStreams.load(), Optional.empty()),
        cudaBuild ? Optional.of(CudaRuntime.load()) : Optional.empty());
  }

  /**
   * @param driver opens the driver, and throws if there is none
   * @param runtime of libtorch, empty if it was built without CUDA
   */
  static Gpus look(Supplier<Cuda> driver, Optional<CudaRuntime> runtime) {
    String toolkit = null;
    Cuda cuda = null;
    try {
      toolkit = runtime.map(it -> Cuda.text(Cuda.version(it))).orElse(null);
      cuda = driver.get();
      List<Gpu> gpus = IntStream.range(0, cuda.count()).mapToObj(cuda::gpu).toList();
      runtime.ifPresent(cuda::requireDriverFor);
      Obstacle obstacle = gpus.isEmpty() ? NO_GPU : toolkit == null ? NO_CUDA_BUILD : null;
      return new Gpus(gpus, cuda, toolkit, obstacle);
    } catch (NativeLoadException e) {
      return new Gpus(List.of(), cuda, toolkit, new Obstacle(e.problem(), e.remedy()));
    } catch (CudaException e) {
      return new Gpus(List.of(), cuda, toolkit, new Obstacle(e.problem(), e.remedy()));
    }
  }

  /** The GPUs that this process sees, by index; none if the driver fails. */
  public List<Gpu> gpus() {
    return gpus;
  }

  /** The CUDA version that the driver supports, such as {@code 13.0}; empty without a driver. */
  public Optional<String> driver() {
    return Optional.ofNullable(cuda).map(Cuda::version);
  }

  /** The CUDA version that libtorch was built for; empty for a build without CUDA. */
  public Optional<String> toolkit() {
    return Optional.ofNullable(toolkit);
  }

  /** The reason why libtorch cannot use a GPU; empty if it can. */
  public Optional<Obstacle> obstacle() {
    return Optional.ofNullable(obstacle);
  }

  /** A report as text lines; one line if no GPU can be used. */
  public List<String> lines() {
    return GpuLines.of(this);
  }

  /**
   * Free bytes of a GPU's memory. The first call creates the GPU's context, which takes some of
   * them.
   *
   * @return empty if another process uses the GPU exclusively, or there is no room for a context
   */
  public OptionalLong free(Gpu gpu) {
    try {
      cuda.enter(gpu);
      return OptionalLong.of(cuda.memoryInfo().free());
    } catch (CudaException e) {
      return OptionalLong.empty();
    }
  }
}
