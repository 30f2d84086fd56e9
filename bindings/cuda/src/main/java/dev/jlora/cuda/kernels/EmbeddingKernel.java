package dev.jlora.cuda.kernels;

import dev.jlora.cuda.Kernel;
import dev.jlora.cuda.KernelArguments;
import dev.jlora.cuda.KernelBuild;
import dev.jlora.cuda.Kernels;
import dev.jlora.cuda.LaunchShape;
import dev.jlora.cuda.Stream;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The gradient of an embedding, or of an adapter's A on one, without atomic additions. */
public final class EmbeddingKernel {
  private static final int MOST_THREADS = 256;

  private record Key(DType dtype, boolean floatResult, int threads) {}

  private final Kernels kernels;
  private final Operands operands;
  private final Map<Key, Kernel> byKey = new ConcurrentHashMap<>();

  /** The kernel on one GPU. */
  public EmbeddingKernel(Kernels kernels) {
    this.kernels = kernels;
    this.operands = new Operands("embedding", kernels.device());
  }

  /**
   * Ids in ascending order with their original positions, stable. Both are computed on the device:
   * an order computed by the host would have to be copied into the same memory before each replay
   * of a captured graph.
   *
   * @param ids INT64 [n]
   * @param positions INT64 [n]
   */
  public record Order(Tensor ids, Tensor positions) {}

  /**
   * dweight[id] = the sum of g's rows at the positions of that id. Rows without an occurrence are
   * not written: zero them first.
   *
   * @param dweight [rows, columns], FLOAT32 or of g's dtype, any strides: the transpose of an
   *     adapter's A is such a view
   * @param g [n, columns]
   * @param paddingId the id without a gradient, -1 for none
   */
  public void gradient(Stream stream, Tensor dweight, Tensor g, Order order, long paddingId) {
    long positions = g.size(0);
    int columns = Math.toIntExact(g.size(-1));
    operands.check("g", g, g.dtype(), positions, columns);
    operands.check("ids", order.ids(), DType.INT64, positions);
    operands.check("positions", order.positions(), DType.INT64, positions);
    boolean floats = dweight.dtype() == DType.FLOAT32;
    if (dweight.rank() != 2
        || dweight.size(1) != columns
        || !(floats || dweight.dtype() == g.dtype())
        || !dweight.device().equals(kernels.device())) {
      throw new IllegalArgumentException(
          "embedding: got dweight %s on %s, expected [rows, %d] in FLOAT32 or %s on %s"
              .formatted(
                  dweight.describe(), dweight.device(), columns, g.dtype(), kernels.device()));
    }
    if (positions == 0) {
      return;
    }
    int threads = threads(columns);
    long[] strides = dweight.strides();
    byKey
        .computeIfAbsent(new Key(g.dtype(), floats, threads), this::kernel)
        .launch(
            stream,
            LaunchShape.of(positions, threads).withRows(Math.ceilDiv(columns, threads)),
            KernelArguments.start()
                .tensor(dweight)
                .tensor(g)
                .tensor(order.ids())
                .tensor(order.positions())
                .u32(positions)
                .u32(columns)
                .u64(dweight.size(0))
                .u64(paddingId)
                .u64(strides[0])
                .u64(strides[1]));
  }

  /** Threads for the columns, in whole warps. */
  static int threads(int columns) {
    int warps = Math.ceilDiv(columns, LaunchShape.WARP);
    return Math.min(MOST_THREADS, warps * LaunchShape.WARP);
  }

  private Kernel kernel(Key key) {
    return kernels.kernel(
        KernelBuild.of("embedding.cu")
            .elements(key.dtype())
            .withIf(key.floatResult(), "PARAMETER_FLOAT32")
            .with("THREADS", key.threads()),
        "embedding_gradient");
  }
}
