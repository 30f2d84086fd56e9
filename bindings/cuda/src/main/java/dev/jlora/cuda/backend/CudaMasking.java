package dev.jlora.cuda.backend;

import dev.jlora.backend.Masking;
import dev.jlora.cuda.kernels.DropoutKernel;
import dev.jlora.kernels.DropMask;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Dropout in one pass over memory, with the CPU's masks bit for bit. */
final class CudaMasking implements Masking {
  private final GpuQueue queue;
  private final DropoutKernel kernel;

  CudaMasking(GpuQueue queue) {
    this.queue = queue;
    this.kernel = new DropoutKernel(queue.kernels());
  }

  @Override
  public Tensor times(DropMask mask, Tensor x, double factor) {
    return into(Tensor.empty(x.dtype(), x.device(), x.shape()), mask, x, factor, null);
  }

  @Override
  public Tensor timesPlus(DropMask mask, Tensor x, double factor, Tensor addend) {
    return into(Tensor.empty(x.dtype(), x.device(), x.shape()), mask, x, factor, addend);
  }

  @Override
  public void timesInPlace(DropMask mask, Tensor x, double factor) {
    if (x.contiguous()) {
      into(x, mask, x, factor, null);
    } else {
      x.copyFrom(times(mask, x, factor));
    }
  }

  @Override
  public void addTo(Tensor sum, DropMask mask, Tensor x, double factor) {
    into(sum, mask, x, factor, sum);
  }

  private Tensor into(Tensor out, DropMask mask, Tensor x, double factor, @Nullable Tensor addend) {
    if (GpuQueue.takes(x.dtype())) {
      Tensor plus = addend == null ? null : Ops.contiguous(addend);
      kernel.run(queue.stream(), out, Ops.contiguous(x), plus, GpuQueue.mask(mask), factor);
    } else {
      Tensor kept = Ops.mul(Ops.mul(x, Ops.to(ones(mask, x), x.dtype())), factor);
      out.copyFrom(addend == null ? kept : Ops.add(addend, kept));
    }
    return out;
  }

  /** The mask itself, for other dtypes. */
  private Tensor ones(DropMask mask, Tensor like) {
    Tensor ones = Tensor.ones(DType.FLOAT32, like.device(), like.shape());
    kernel.run(queue.stream(), ones, ones, null, GpuQueue.mask(mask), 1);
    return ones;
  }
}
