package dev.jlora.cuda;

import dev.jlora.ffi.cuda.CudaDriver;
import dev.jlora.ffi.cuda.CudaMemory;
import dev.jlora.ffi.cuda.CudaStreams;
import dev.jlora.ffi.cuda.Nvrtc;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Kernels for tests of what they compute.
 *
 * <p>They run on {@code cuda:0}. With {@code -Djlora.test.device=cpu} the driver that the dynamic
 * loader finds is taken as it is and gets tensors of the CPU: an emulated driver can then stand in
 * for a GPU.
 */
public final class TestGpu {
  private static final Device DEVICE =
      Device.parse(System.getProperty("jlora.test.device", "cuda:0"));

  private static final class Loaded {
    static final Kernels KERNELS = DEVICE.equals(Device.CPU) ? emulated() : Kernels.of(DEVICE);
  }

  private TestGpu() {}

  private static Kernels emulated() {
    Cuda cuda =
        Cuda.over(CudaDriver.load(), CudaMemory.load(), CudaStreams.load(), Optional.empty());
    return new Kernels(cuda, cuda.gpu(0), DEVICE, KernelCompiler.load(), KernelCache.standard());
  }

  /** The kernels under test. */
  public static Kernels kernels() {
    return Loaded.KERNELS;
  }

  /** Where their tensors lie. */
  public static Device device() {
    return DEVICE;
  }

  /** The stream to use. */
  public static Stream stream() {
    return DEVICE.equals(Device.CPU) ? new Stream(0) : Stream.current(DEVICE.index());
  }

  /** A tensor of the CPU on the GPU; copied, so that kernels cannot change the original. */
  public static Tensor onGpu(Tensor tensor) {
    Tensor copy = Tensor.empty(tensor.dtype(), DEVICE, tensor.shape());
    copy.copyFrom(tensor);
    return copy;
  }

  /** Kernels over a driver that runs nothing, for tests of what would be launched. */
  public static Kernels without(FakeLibrary driver, FakeLibrary nvrtc, Path cache) {
    return without(driver, nvrtc, cache, Device.CPU);
  }

  /** The same for tensors of a device. */
  public static Kernels without(FakeLibrary driver, FakeLibrary nvrtc, Path cache, Device device) {
    Cuda cuda = FakeDriver.cuda(driver);
    return new Kernels(
        cuda, cuda.gpu(0), device, new KernelCompiler(new Nvrtc(nvrtc)), new KernelCache(cache));
  }
}
