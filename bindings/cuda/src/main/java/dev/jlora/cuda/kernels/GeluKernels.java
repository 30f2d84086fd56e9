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
import org.jspecify.annotations.Nullable;

/** gelu(x + bias) in one pass, and its backward, which recomputes the sum. */
public final class GeluKernels {
  private static final int THREADS = 256;

  /** Maximum number of blocks; larger inputs are processed in a loop. */
  private static final int BLOCKS_PER_MULTIPROCESSOR = 16;

  private record Key(
      DType dtype, boolean floatBias, int columns, int vector, boolean tanh, boolean backward) {}

  private final Kernels kernels;
  private final Operands operands;
  private final Map<Key, Kernel> byKey = new ConcurrentHashMap<>();

  /** Kernels on one GPU. */
  public GeluKernels(Kernels kernels) {
    this.kernels = kernels;
    this.operands = new Operands("gelu", kernels.device());
  }

  /**
   * y = gelu(x + bias).
   *
   * @param y like x; may be x
   * @param x [rows, columns]
   * @param bias [columns], FLOAT32 or of x's dtype; null for none
   * @param tanh whether to use the tanh approximation
   */
  public void forward(Stream stream, Tensor y, Tensor x, @Nullable Tensor bias, boolean tanh) {
    check(x, y, bias);
    int vector = Operands.vector(x.dtype(), x.size(-1), x, y, bias);
    kernel(x, bias, vector, tanh, false)
        .launch(
            stream,
            shape(x.elements() / vector),
            KernelArguments.start().tensor(y).tensor(x).tensor(bias).u64(x.elements() / vector));
  }

  /**
   * dx = g * gelu'(x + bias). The gradient of the bias is the column sum of dx.
   *
   * @param dx like x; may be g
   * @param g like x
   */
  public void backward(
      Stream stream, Tensor dx, Tensor g, Tensor x, @Nullable Tensor bias, boolean tanh) {
    check(x, dx, bias);
    operands.check("the gradient", g, x.dtype(), x.shape());
    int vector = Operands.vector(x.dtype(), x.size(-1), x, dx, g, bias);
    kernel(x, bias, vector, tanh, true)
        .launch(
            stream,
            shape(x.elements() / vector),
            KernelArguments.start()
                .tensor(dx)
                .tensor(g)
                .tensor(x)
                .tensor(bias)
                .u64(x.elements() / vector));
  }

  private void check(Tensor x, Tensor result, @Nullable Tensor bias) {
    operands.check("x", x, x.dtype(), x.size(0), x.size(-1));
    operands.check("the result", result, x.dtype(), x.shape());
    operands.parameter("the bias", bias, x.dtype(), x.size(-1));
  }

  private LaunchShape shape(long vectors) {
    return shape(vectors, kernels.gpu().multiprocessors());
  }

  static LaunchShape shape(long vectors, int multiprocessors) {
    long blocks = Math.ceilDiv(vectors, THREADS);
    long most = (long) multiprocessors * BLOCKS_PER_MULTIPROCESSOR;
    return LaunchShape.of(Math.max(1, Math.min(blocks, most)), THREADS);
  }

  private Kernel kernel(
      Tensor x, @Nullable Tensor bias, int vector, boolean tanh, boolean backward) {
    DType biasType = bias == null ? DType.FLOAT32 : bias.dtype();
    Key key =
        new Key(
            x.dtype(),
            biasType == DType.FLOAT32,
            Math.toIntExact(x.size(-1)),
            vector,
            tanh,
            backward);
    return byKey.computeIfAbsent(
        key,
        _ ->
            kernels.kernel(
                KernelBuild.of("gelu.cu")
                    .elements(key.dtype())
                    .parameters(biasType, key.dtype())
                    .with("COLUMNS", key.columns())
                    .with("VECTOR", vector)
                    .with("THREADS", THREADS)
                    .withIf(tanh, "GELU_TANH"),
                backward ? "bias_gelu_backward" : "bias_gelu"));
  }
}
