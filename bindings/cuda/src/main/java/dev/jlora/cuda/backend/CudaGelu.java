package dev.jlora.cuda.backend;

import dev.jlora.backend.Gelu;
import dev.jlora.cuda.kernels.GeluKernels;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Tensor;

/** GELU by jlora's kernel. The preceding product adds its own bias. */
final class CudaGelu implements Gelu {
  private final GpuQueue queue;
  private final GeluKernels kernels;
  private final Gelu composed;

  CudaGelu(GpuQueue queue, Gelu composed) {
    this.queue = queue;
    this.kernels = new GeluKernels(queue.kernels());
    this.composed = composed;
  }

  @Override
  public Tensor forward(Tensor x, String approximate) {
    if (!takes(x)) {
      return composed.forward(x, approximate);
    }
    Tensor y = Tensor.empty(x.dtype(), x.device(), x.shape());
    Tensor rows = GpuQueue.rows(Ops.contiguous(x));
    kernels.forward(queue.stream(), GpuQueue.rows(y), rows, null, approximate.equals("tanh"));
    return y;
  }

  @Override
  public Tensor backward(Tensor g, Tensor x, String approximate) {
    if (!takes(x)) {
      return composed.backward(g, x, approximate);
    }
    Tensor dx = Tensor.empty(x.dtype(), x.device(), x.shape());
    kernels.backward(
        queue.stream(),
        GpuQueue.rows(dx),
        GpuQueue.rows(Ops.contiguous(g)),
        GpuQueue.rows(Ops.contiguous(x)),
        null,
        approximate.equals("tanh"));
    return dx;
  }

  private static boolean takes(Tensor x) {
    return GpuQueue.takes(x) && x.rank() > 0;
  }
}
