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

  /** On a card. */
  public EmbeddingKernel(Kernels kernels) {
    this.kernels = kernels;
    this.operands = new Operands("embedding", kernels.device());
  }

  /**
   * An {@link EmbeddingOrder} on the card.
   *
   * @param ids INT32 [n], distinct
   * @param starts INT32 [n + 1]
   * @param order INT32 [positions that count]
   */
  public record Order(Tensor ids, Tensor starts, Tensor order) {}

  /**
   * dweight[id] = the sum of g's rows where the id stands. Rows whose id does not occur are left
   * alone: zero them before.
   *
   * @param dweight [rows, columns], FLOAT32 or of g's dtype, any strides: the transpose of an
   *     adapter's A is such a view
   * @param g [positions, columns]
   */
  public void gradient(Stream stream, Tensor dweight, Tensor g, Order order) {
    int columns = Math.toIntExact(g.size(-1));
    long distinct = order.ids().elements();
    operands.check("g", g, g.dtype(), g.size(0), columns);
    operands.check("ids", order.ids(), DType.INT32, distinct);
    operands.check("starts", order.starts(), DType.INT32, distinct + 1);
    operands.check("order", order.order(), DType.INT32, order.order().elements());
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
    if (distinct == 0) {
      return;
    }
    int threads = threads(columns);
    long[] strides = dweight.strides();
    byKey
        .computeIfAbsent(new Key(g.dtype(), floats, threads), this::kernel)
        .launch(
            stream,
            LaunchShape.of(distinct, threads),
            KernelArguments.start()
                .tensor(dweight)
                .tensor(g)
                .tensor(order.ids())
                .tensor(order.starts())
                .tensor(order.order())
                .u32(columns)
                .u64(strides[0])
                .u64(strides[1]));
  }

  /** Whole warps for the columns. */
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
