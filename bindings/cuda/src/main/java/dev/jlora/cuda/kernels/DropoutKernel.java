package dev.jlora.cuda.kernels;

import dev.jlora.cuda.Kernel;
import dev.jlora.cuda.KernelArguments;
import dev.jlora.cuda.KernelBuild;
import dev.jlora.cuda.Kernels;
import dev.jlora.cuda.LaunchShape;
import dev.jlora.cuda.Stream;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Dropout, with the mask that the CPU computes for the same numbers. */
public final class DropoutKernel {
  private static final int THREADS = 256;

  private final Kernels kernels;
  private final Operands operands;
  private final Map<DType, Kernel> byType = new EnumMap<>(DType.class);

  /** The kernel on one GPU. */
  public DropoutKernel(Kernels kernels) {
    this.kernels = kernels;
    this.operands = new Operands("dropout", kernels.device());
  }

  /**
   * Compiles and loads the kernel for a dtype, to verify that this machine supports it.
   *
   * @throws dev.jlora.cuda.CudaException if it does not
   */
  public void prepare(DType dtype) {
    synchronized (byType) {
      byType.computeIfAbsent(dtype, this::kernel);
    }
  }

  /**
   * out = addend + mask * x * factor.
   *
   * @param out with x's shape and dtype; may be x or the addend
   * @param x [...], contiguous
   * @param addend like x, or null
   */
  public void run(
      Stream stream, Tensor out, Tensor x, @Nullable Tensor addend, Mask mask, double factor) {
    operands.check("x", x, x.dtype(), x.shape());
    operands.check("the result", out, x.dtype(), x.shape());
    operands.check("the addend", addend, x.dtype(), x.shape());
    Kernel kernel;
    synchronized (byType) {
      kernel = byType.computeIfAbsent(x.dtype(), this::kernel);
    }
    if (x.elements() == 0) {
      return;
    }
    kernel.launch(
        stream,
        shape(x.elements()),
        KernelArguments.start()
            .tensor(out)
            .tensor(x)
            .tensor(addend)
            .u64(x.elements())
            .u64(mask.seed())
            .u64(mask.firstCounter())
            .u64(Mask.origin())
            .u32(mask.keep())
            .f32(factor));
  }

  private Kernel kernel(DType dtype) {
    return kernels.kernel(
        KernelBuild.of("dropout.cu").elements(dtype).with("THREADS", THREADS), "dropout");
  }

  /** One thread for each counter of each tile, including a partial last tile. */
  static LaunchShape shape(long elements) {
    return LaunchShape.covering(Math.ceilDiv(elements, Mask.TILE) * Mask.COUNTERS, THREADS);
  }
}
