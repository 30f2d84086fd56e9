package dev.jlora.cuda.backend;

import dev.jlora.backend.EmbeddingGradient;
import dev.jlora.cuda.kernels.EmbeddingKernel;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;

/**
 * Embedding gradient without atomic additions: each row is summed in a fixed order. The ids are
 * sorted on the device, so that nothing waits for them and a captured graph sorts those of each
 * batch.
 */
final class CudaEmbeddingGradient implements EmbeddingGradient {
  private final GpuQueue queue;
  private final EmbeddingKernel kernel;
  private final EmbeddingGradient composed;

  CudaEmbeddingGradient(GpuQueue queue, EmbeddingGradient composed) {
    this.queue = queue;
    this.kernel = new EmbeddingKernel(queue.kernels());
    this.composed = composed;
  }

  @Override
  public Tensor backward(Tensor g, Tensor ids, long rows, long paddingIdx) {
    if (!GpuQueue.takes(g)) {
      return composed.backward(g, ids, rows, paddingIdx);
    }
    Tensor gradients = GpuQueue.rows(Ops.contiguous(g));
    Tensor[] sorted = Indexing.sort(Views.reshape(ids, -1));
    Tensor dweight = Tensor.zeros(g.dtype(), g.device(), rows, g.size(-1));
    kernel.gradient(
        queue.stream(),
        dweight,
        gradients,
        new EmbeddingKernel.Order(sorted[0], sorted[1]),
        paddingIdx);
    return dweight;
  }
}
