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

/** Column sums in two passes, always in the same order: the gradient of a bias. */
public final class ColumnSums {
  private static final int THREADS = 256;
  private static final int LEAST_BLOCK_ROWS = 16;
  private static final int MOST_BLOCKS = 256;

  private record Key(DType dtype, boolean floatResult, String function) {}

  private final Kernels kernels;
  private final Operands operands;
  private final Map<Key, Kernel> byKey = new ConcurrentHashMap<>();

  /** The kernel on one GPU. */
  public ColumnSums(Kernels kernels) {
    this.kernels = kernels;
    this.operands = new Operands("column sums", kernels.device());
  }

  /**
   * out [columns] = the column sums of x [rows, columns].
   *
   * @param out FLOAT32 or of x's dtype
   * @param workspace FLOAT32 [{@link #workspaceRows}, columns]
   */
  public void run(Stream stream, Tensor out, Tensor x, Tensor workspace) {
    long rows = x.size(0);
    int columns = Math.toIntExact(x.size(-1));
    int parts = workspaceRows(rows);
    operands.check("x", x, x.dtype(), rows, columns);
    operands.parameter("the result", out, x.dtype(), columns);
    operands.check("the workspace", workspace, DType.FLOAT32, parts, columns);
    kernel(x.dtype(), true, "column_partials")
        .launch(
            stream,
            LaunchShape.covering(columns, THREADS).withRows(parts),
            KernelArguments.start()
                .tensor(workspace)
                .tensor(x)
                .u64(rows)
                .u32(columns)
                .u32(blockRows(rows)));
    finish(stream, out, workspace.address(), parts, columns, x.dtype());
  }

  /** Number of rows of the workspace. */
  public static int workspaceRows(long rows) {
    return Math.toIntExact(Math.ceilDiv(rows, blockRows(rows)));
  }

  private static long blockRows(long rows) {
    return Math.max(LEAST_BLOCK_ROWS, Math.ceilDiv(rows, MOST_BLOCKS));
  }

  /** The second pass alone: out = the column sums of FLOAT32 rows at an address. */
  void finish(Stream stream, Tensor out, long partial, int rows, int columns, DType elements) {
    kernel(elements, out.dtype() == DType.FLOAT32, "column_sums")
        .launch(
            stream,
            LaunchShape.covering(columns, THREADS),
            KernelArguments.start().tensor(out).u64(partial).u32(rows).u32(columns));
  }

  private Kernel kernel(DType dtype, boolean floatResult, String function) {
    return byKey.computeIfAbsent(
        new Key(dtype, floatResult, function),
        key ->
            kernels.kernel(
                KernelBuild.of("columns.cu")
                    .elements(dtype)
                    .withIf(floatResult, "PARAMETER_FLOAT32")
                    .with("THREADS", THREADS),
                function));
  }
}
