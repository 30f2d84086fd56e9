package dev.jlora.cuda.kernels;

import dev.jlora.cuda.Kernel;
import dev.jlora.cuda.KernelArguments;
import dev.jlora.cuda.KernelBuild;
import dev.jlora.cuda.Kernels;
import dev.jlora.cuda.Stream;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Layer norm of residual + mask * x * scale in one pass over memory, and its backward in another.
 * Rows are [rows, columns]; statistics are FLOAT32.
 */
public final class LayerNormKernels {
  /** Maximum row length: longer rows do not fit into the registers of a block. */
  public static final int MOST_COLUMNS = LayerNormShape.MOST_COLUMNS;

  private record Key(
      DType dtype,
      boolean floatParameters,
      int columns,
      int vector,
      int rowThreads,
      boolean parameterGradients) {}

  private record Pair(Kernel forward, Kernel backward) {}

  private final Kernels kernels;
  private final Operands operands;
  private final ColumnSums sums;
  private final Map<Key, Pair> byKey = new ConcurrentHashMap<>();

  /** Kernels on one GPU. */
  public LayerNormKernels(Kernels kernels) {
    this.kernels = kernels;
    this.operands = new Operands("layer norm", kernels.device());
    this.sums = new ColumnSums(kernels);
  }

  /**
   * Weight [columns] and bias [columns], FLOAT32 or of the input's dtype, both or none.
   *
   * @param weight null for ones
   * @param bias null for zeros
   */
  public record Parameters(@Nullable Tensor weight, @Nullable Tensor bias) {}

  /**
   * y = norm(residual + mask * x / P(keep)) * weight + bias.
   *
   * @param y [rows, columns]
   * @param total receives the sum [rows, columns], for backward; may be null
   * @param mean [rows], FLOAT32
   * @param rstd [rows], FLOAT32
   * @param x [rows, columns]
   * @param residual like x, or null
   */
  public void forward(
      Stream stream,
      Tensor y,
      @Nullable Tensor total,
      Tensor mean,
      Tensor rstd,
      Tensor x,
      @Nullable Tensor residual,
      Parameters parameters,
      double eps,
      Mask mask) {
    long rows = x.size(0);
    int columns = Math.toIntExact(x.size(-1));
    matrices(x, y, total, residual);
    statistics(rows, mean, rstd);
    parameters(x, columns, parameters);
    LayerNormShape shape =
        LayerNormShape.of(rows, columns, !mask.keepsAll(), false, kernels.gpu().multiprocessors());
    int vector =
        Operands.vector(
            x.dtype(), columns, x, y, total, residual, parameters.weight(), parameters.bias());
    pair(x, parameters, shape, vector, false)
        .forward()
        .launch(
            stream,
            shape.launch(),
            KernelArguments.start()
                .tensor(y)
                .tensor(total)
                .tensor(mean)
                .tensor(rstd)
                .tensor(x)
                .tensor(residual)
                .tensor(parameters.weight())
                .tensor(parameters.bias())
                .u64(rows)
                .u32(shape.blockRows())
                .f32(eps)
                .u64(mask.seed())
                .u64(mask.firstCounter())
                .u64(mask.keepsAll() ? 0 : Mask.origin())
                .u32(mask.keep())
                .f32(mask.scale()));
  }

  /**
   * The gradients of {@link #forward}.
   *
   * @param dtotal gradient of the sum, and so of the residual [rows, columns]; null if not wanted
   * @param dx gradient of x [rows, columns]; null if not wanted
   * @param dweight [columns], FLOAT32 or of the input's dtype; null with {@code dbias}
   * @param dbias like dweight
   * @param workspace FLOAT32 [2, {@link #workspaceRows}, columns]; null if dweight is null
   * @param g the gradient of y
   * @param total the sum written by forward; x itself without residual and mask
   */
  public void backward(
      Stream stream,
      @Nullable Tensor dtotal,
      @Nullable Tensor dx,
      @Nullable Tensor dweight,
      @Nullable Tensor dbias,
      @Nullable Tensor workspace,
      Tensor g,
      Tensor total,
      Tensor mean,
      Tensor rstd,
      Parameters parameters,
      Mask mask) {
    long rows = total.size(0);
    int columns = Math.toIntExact(total.size(-1));
    boolean parameterGradients = dweight != null || dbias != null;
    matrices(total, g, dtotal, dx);
    statistics(rows, mean, rstd);
    parameters(total, columns, parameters);
    LayerNormShape shape = backwardShape(rows, columns, parameterGradients, mask);
    if (parameterGradients) {
      operands.parameter("dweight", dweight, total.dtype(), columns);
      operands.parameter("dbias", dbias, total.dtype(), columns);
      if (workspace == null) {
        throw new IllegalArgumentException("layer norm: parameter gradients need a workspace");
      }
      operands.check("the workspace", workspace, DType.FLOAT32, 2, shape.partialRows(), columns);
    }
    int vector = Operands.vector(total.dtype(), columns, total, g, dtotal, dx, parameters.weight());
    long partialBytes = (long) shape.partialRows() * columns * Float.BYTES;
    long partial = parameterGradients ? workspace.address() : 0;
    pair(total, parameters, shape, vector, parameterGradients)
        .backward()
        .launch(
            stream,
            shape.launch(),
            KernelArguments.start()
                .tensor(dtotal)
                .tensor(dx)
                .u64(partial)
                .u64(partial == 0 ? 0 : partial + partialBytes)
                .tensor(g)
                .tensor(total)
                .tensor(mean)
                .tensor(rstd)
                .tensor(parameters.weight())
                .u64(rows)
                .u32(shape.blockRows())
                .u64(mask.seed())
                .u64(mask.firstCounter())
                .u64(mask.keepsAll() ? 0 : Mask.origin())
                .u32(mask.keep())
                .f32(mask.scale()));
    if (dweight != null) {
      sums.finish(stream, dweight, partial, shape.partialRows(), columns, total.dtype());
    }
    if (dbias != null) {
      sums.finish(
          stream, dbias, partial + partialBytes, shape.partialRows(), columns, total.dtype());
    }
  }

  /** Number of rows of the workspace that {@link #backward} needs for parameter gradients. */
  public int workspaceRows(long rows, int columns, Mask mask) {
    return backwardShape(rows, columns, true, mask).partialRows();
  }

  private LayerNormShape backwardShape(
      long rows, int columns, boolean parameterGradients, Mask mask) {
    return LayerNormShape.of(
        rows, columns, !mask.keepsAll(), parameterGradients, kernels.gpu().multiprocessors());
  }

  private void matrices(Tensor like, @Nullable Tensor... others) {
    operands.check("the input", like, like.dtype(), like.size(0), like.size(-1));
    for (Tensor other : others) {
      operands.check("a matrix", other, like.dtype(), like.shape());
    }
  }

  private void statistics(long rows, Tensor mean, Tensor rstd) {
    operands.check("mean", mean, DType.FLOAT32, rows);
    operands.check("rstd", rstd, DType.FLOAT32, rows);
  }

  private void parameters(Tensor x, int columns, Parameters parameters) {
    operands.parameter("weight", parameters.weight(), x.dtype(), columns);
    operands.parameter("bias", parameters.bias(), x.dtype(), columns);
    operands.alike(parameters.weight(), parameters.bias());
  }

  private Pair pair(
      Tensor x,
      Parameters parameters,
      LayerNormShape shape,
      int vector,
      boolean parameterGradients) {
    Tensor any = parameters.weight() != null ? parameters.weight() : parameters.bias();
    DType dtype = any == null ? DType.FLOAT32 : any.dtype();
    Key key =
        new Key(
            x.dtype(),
            dtype == DType.FLOAT32,
            shape.columns(),
            vector,
            shape.rowThreads(),
            parameterGradients);
    return byKey.computeIfAbsent(
        key,
        _ -> {
          KernelBuild build =
              KernelBuild.of("layer_norm.cu")
                  .elements(x.dtype())
                  .parameters(dtype, x.dtype())
                  .with("COLUMNS", shape.columns())
                  .with("VECTOR", vector)
                  .with("THREADS", shape.threads())
                  .with("ROW_THREADS", shape.rowThreads())
                  .withIf(parameterGradients, "PARAMETER_GRADIENTS");
          return new Pair(
              kernels.kernel(build, "dropout_add_layer_norm"),
              kernels.kernel(build, "dropout_add_layer_norm_backward"));
        });
  }
}
