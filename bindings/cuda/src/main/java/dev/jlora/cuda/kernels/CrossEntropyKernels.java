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

/**
 * The mean cross-entropy of logits against labels, and its gradient, each in one pass over the
 * logits; no probabilities are stored. A label out of range makes the loss NaN.
 */
public final class CrossEntropyKernels {
  private static final int MOST_THREADS = 512;
  private static final int MEAN_THREADS = 1024;
  private static final int COLUMNS_PER_BLOCK = 4096;

  private record Key(DType dtype, int threads, String function) {}

  private final Kernels kernels;
  private final Operands operands;
  private final Map<Key, Kernel> byKey = new ConcurrentHashMap<>();

  /** Kernels on one GPU. */
  public CrossEntropyKernels(Kernels kernels) {
    this.kernels = kernels;
    this.operands = new Operands("cross-entropy", kernels.device());
  }

  /**
   * Treatment of rows.
   *
   * @param ignoreIndex rows with this label are ignored
   * @param smoothing share of the label that is spread evenly over all columns
   */
  public record Rule(long ignoreIndex, double smoothing) {}

  /**
   * Results of forward, all FLOAT32 on the GPU.
   *
   * @param loss [] the mean
   * @param counted [] number of rows that are not ignored
   * @param losses [rows]
   * @param logSums [rows] log of the sum of exp of each row
   */
  public record Results(Tensor loss, Tensor counted, Tensor losses, Tensor logSums) {
    /** The part for backward. */
    public Saved saved() {
      return new Saved(counted, logSums);
    }
  }

  /** The part of {@link Results} for backward. */
  public record Saved(Tensor counted, Tensor logSums) {}

  /**
   * The mean, over the rows that are not ignored, of (1 - s) * -log p[label] + s * mean(-log p).
   *
   * @param logits [rows, columns]
   * @param labels [rows], INT64
   */
  public void forward(Stream stream, Results results, Tensor logits, Tensor labels, Rule rule) {
    long rows = logits.size(0);
    int columns = Math.toIntExact(logits.size(-1));
    check(logits, labels);
    check(results, rows);
    int threads = threads(columns);
    kernel(logits.dtype(), threads, "cross_entropy")
        .launch(
            stream,
            LaunchShape.of(rows, threads),
            KernelArguments.start()
                .tensor(results.losses())
                .tensor(results.logSums())
                .tensor(logits)
                .tensor(labels)
                .u32(columns)
                .u64(rule.ignoreIndex())
                .f32(rule.smoothing()));
    kernel(logits.dtype(), MEAN_THREADS, "mean_loss")
        .launch(
            stream,
            LaunchShape.of(1, MEAN_THREADS),
            KernelArguments.start()
                .tensor(results.loss())
                .tensor(results.counted())
                .tensor(results.losses())
                .tensor(labels)
                .u32(rows)
                .u64(rule.ignoreIndex()));
  }

  /**
   * dlogits = (softmax - (1 - s) onehot - s / columns) * g / counted.
   *
   * @param dlogits like the logits; may be the logits
   * @param g [] FLOAT32, the gradient of the loss
   */
  public void backward(
      Stream stream,
      Tensor dlogits,
      Tensor g,
      Saved saved,
      Tensor logits,
      Tensor labels,
      Rule rule) {
    long rows = logits.size(0);
    int columns = Math.toIntExact(logits.size(-1));
    check(logits, labels);
    operands.check("the count", saved.counted(), DType.FLOAT32);
    operands.check("the sums", saved.logSums(), DType.FLOAT32, rows);
    operands.check("dlogits", dlogits, logits.dtype(), logits.shape());
    operands.check("the gradient", g, DType.FLOAT32);
    int threads = threads(columns);
    for (long first = 0; first < rows; first += LaunchShapeRows.MOST) {
      int part = (int) Math.min(LaunchShapeRows.MOST, rows - first);
      kernel(logits.dtype(), threads, "cross_entropy_backward")
          .launch(
              stream,
              LaunchShape.of(Math.ceilDiv(columns, COLUMNS_PER_BLOCK), threads).withRows(part),
              KernelArguments.start()
                  .u64(at(dlogits, first * columns))
                  .tensor(g)
                  .tensor(saved.counted())
                  .u64(at(saved.logSums(), first))
                  .u64(at(logits, first * columns))
                  .u64(at(labels, first))
                  .u32(columns)
                  .u64(rule.ignoreIndex())
                  .f32(rule.smoothing()));
    }
  }

  /** Maximum number of rows of blocks in a grid. */
  private static final class LaunchShapeRows {
    static final int MOST = 65535;

    private LaunchShapeRows() {}
  }

  private static long at(Tensor tensor, long element) {
    return tensor.address() + element * tensor.dtype().bytes();
  }

  private void check(Tensor logits, Tensor labels) {
    operands.check("logits", logits, logits.dtype(), logits.size(0), logits.size(-1));
    operands.check("labels", labels, DType.INT64, logits.size(0));
  }

  private void check(Results results, long rows) {
    operands.check("the loss", results.loss(), DType.FLOAT32);
    operands.check("the count", results.counted(), DType.FLOAT32);
    operands.check("the losses", results.losses(), DType.FLOAT32, rows);
    operands.check("the sums", results.logSums(), DType.FLOAT32, rows);
  }

  /** One warp for few columns, so that a classifier's rows do not idle. */
  static int threads(int columns) {
    int warps = Math.ceilDiv(columns, LaunchShape.WARP * 4);
    return Math.min(MOST_THREADS, LaunchShape.WARP * Math.max(1, Integer.highestOneBit(warps)));
  }

  private Kernel kernel(DType dtype, int threads, String function) {
    return byKey.computeIfAbsent(
        new Key(dtype, threads, function),
        key ->
            kernels.kernel(
                KernelBuild.of("cross_entropy.cu").elements(dtype).with("THREADS", threads),
                function));
  }
}
