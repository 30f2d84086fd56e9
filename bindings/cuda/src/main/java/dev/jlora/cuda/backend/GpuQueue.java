package dev.jlora.cuda.backend;

import dev.jlora.cuda.Cuda;
import dev.jlora.cuda.GpuThreads;
import dev.jlora.cuda.Kernels;
import dev.jlora.cuda.Stream;
import dev.jlora.cuda.kernels.DropoutKernel;
import dev.jlora.cuda.kernels.Mask;
import dev.jlora.kernels.DropMask;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of a GPU and the stream to queue them on.
 *
 * @param kernels of the GPU
 * @param current the stream of libtorch's operators on this thread
 */
record GpuQueue(Kernels kernels, Supplier<Stream> current) {
  /**
   * Creates a queue for a CUDA device.
   *
   * @throws dev.jlora.natives.NativeLoadException if the driver, the compiler or libtorch's CUDA
   *     build is missing
   * @throws dev.jlora.cuda.CudaException if there is no such GPU, or no driver compatible with
   *     libtorch
   */
  static GpuQueue of(Device device) {
    Kernels kernels = Kernels.of(device);
    GpuThreads threads = new GpuThreads(Cuda.load(), kernels.gpu());
    return new GpuQueue(
        kernels,
        () -> {
          threads.enter();
          return Stream.current(device.index());
        });
  }

  /**
   * Compiles a kernel and loads it, to verify that this machine supports it.
   *
   * @throws dev.jlora.cuda.CudaException if it does not
   */
  void prepare() {
    new DropoutKernel(kernels).prepare(DType.FLOAT32);
  }

  Stream stream() {
    return current.get();
  }

  /** Whether kernels support the dtype and size of a tensor. */
  static boolean takes(Tensor x) {
    return takes(x.dtype()) && x.elements() > 0;
  }

  static boolean takes(DType dtype) {
    return dtype == DType.FLOAT32 || dtype == DType.BFLOAT16 || dtype == DType.FLOAT16;
  }

  /** [..., n], contiguous, as [rows, n]. */
  static Tensor rows(Tensor x) {
    return Views.view(x, x.elements() / x.size(-1), x.size(-1));
  }

  static Mask mask(@Nullable DropMask mask) {
    return mask == null ? Mask.NONE : new Mask(mask.seed(), mask.offset(), mask.keep());
  }
}
