package dev.jlora.backend;

import dev.jlora.cuda.CardThreads;
import dev.jlora.cuda.Cuda;
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
 * Where kernels go, and what they take.
 *
 * @param kernels of the card
 * @param current the stream that libtorch's operators of this thread are queued on
 */
record CardQueue(Kernels kernels, Supplier<Stream> current) {
  /**
   * Of a CUDA device.
   *
   * @throws dev.jlora.natives.NativeLoadException if the driver, the compiler or libtorch's CUDA
   *     build is missing
   * @throws dev.jlora.cuda.CudaException if there is no such card, or no driver that fits libtorch
   */
  static CardQueue of(Device device) {
    Kernels kernels = Kernels.of(device);
    CardThreads threads = new CardThreads(Cuda.load(), kernels.card());
    return new CardQueue(
        kernels,
        () -> {
          threads.enter();
          return Stream.current(device.index());
        });
  }

  /**
   * Compiles a kernel for the card and loads it, which shows whether this machine can.
   *
   * @throws dev.jlora.cuda.CudaException if it cannot
   */
  void prepare() {
    new DropoutKernel(kernels).prepare(DType.FLOAT32);
  }

  Stream stream() {
    return current.get();
  }

  /** Whether the elements of a tensor are such that kernels compute with them. */
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
