package dev.jlora.autograd;

import dev.jlora.backend.Gemm;
import dev.jlora.kernels.CrossEntropyKernel;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Indexing;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The cross-entropy of x W^T + b against labels without storing all logits, after Hsu et al.,
 * "Liger Kernel: Efficient Triton Kernels for LLM Training", 2024, section 3.2. For some rows at a
 * time, forward computes their logits, replaces these by their gradient, and that by the gradient
 * of the rows. The loss is a scalar, so backward only has to scale the result. Rows with ignored
 * labels are skipped.
 *
 * <p>Inputs: x [n, in], W [out, in] and b [out] or null, both frozen, labels [n] (INT64). Saves the
 * gradient of x.
 *
 * @param mostRows maximum number of rows whose logits exist at once
 */
record LinearCrossEntropy(CrossEntropyKernel kernel, long mostRows) implements Function {
  /**
   * Maximum size of the logits that exist at once: writing more to main memory slows the products
   * down.
   */
  private static final long CHUNK_BYTES = 1 << 26;

  /** With fewer rows, reading the weight dominates the time of a product. */
  private static final long LEAST_ROWS = 256;

  /** Chooses the chunk size for a weight. */
  static LinearCrossEntropy of(CrossEntropyKernel kernel, Tensor weight) {
    long rowBytes = weight.size(0) * weight.dtype().bytes();
    return new LinearCrossEntropy(kernel, Math.max(LEAST_ROWS, CHUNK_BYTES / rowBytes));
  }

  @Override
  public Tensor forward(Context context, @Nullable Tensor... inputs) {
    Tensor x = inputs[0];
    Tensor weight = inputs[1];
    Gemm.check(name(), x, weight, inputs[2], false);
    long[] labels = inputs[3].toLongs();
    int[] rows =
        IntStream.range(0, labels.length)
            .filter(row -> labels[row] != kernel.ignoreIndex())
            .toArray();
    if (rows.length == labels.length) {
      Tensor dx = context.needs(0) ? Tensor.emptyLike(x) : null;
      double sum = sum(x, weight, inputs[2], labels, dx);
      context.save(dx);
      return mean(sum, rows.length);
    }
    long[] counted = IntStream.of(rows).mapToLong(row -> labels[row]).toArray();
    Tensor ids = Tensor.of(IntStream.of(rows).asLongStream().toArray(), rows.length);
    Tensor some = Indexing.indexSelect(x, 0, ids);
    Tensor dx = context.needs(0) ? Tensor.emptyLike(some) : null;
    double sum = sum(some, weight, inputs[2], counted, dx);
    context.save(dx == null ? null : spread(dx, ids, x));
    return mean(sum, rows.length);
  }

  private static Tensor mean(double sum, int rows) {
    return Tensor.scalar(sum / rows, DType.FLOAT32);
  }

  /** Scatters the rows of dx to their places in a tensor as large as x, with zeros between them. */
  private static Tensor spread(Tensor dx, Tensor ids, Tensor x) {
    Tensor zeros = Tensor.zeros(x.dtype(), x.device(), x.shape());
    return Indexing.scatterAdd(zeros, 0, Views.expand(Views.unsqueeze(ids, 1), dx.shape()), dx);
  }

  /**
   * The sum of the losses of rows without ignored labels; dx receives the gradient of their mean,
   * or is null.
   */
  private double sum(
      Tensor x, Tensor weight, @Nullable Tensor bias, long[] labels, @Nullable Tensor dx) {
    long n = labels.length;
    long chunks = Math.max(1, Math.ceilDiv(n, mostRows));
    long each = Math.ceilDiv(n, chunks);
    double sum = 0;
    for (long from = 0; from < n; from += each) {
      long to = Math.min(n, from + each);
      try (var _ = Scope.open()) {
        Tensor logits = Gemm.forward(Views.slice(x, 0, from, to), weight, bias, false);
        long[] some = Arrays.copyOfRange(labels, (int) from, (int) to);
        if (dx == null) {
          sum += kernel.losses(logits, some, Tensor.empty(DType.FLOAT64, some.length));
        } else {
          sum += kernel.replace(logits, some, 1.0 / n);
          Views.slice(dx, 0, from, to).copyFrom(Gemm.inputGradient(logits, weight, false));
        }
      }
    }
    return sum;
  }

  @Override
  public @Nullable Tensor[] backward(Context context, Tensor g) {
    Tensor dx = context.saved(0);
    double factor = g.item();
    if (factor != 1) {
      InPlace.mul(dx, factor);
    }
    return new Tensor[] {dx.share(), null, null, null};
  }

  @Override
  public @Nullable FrozenProduct frozenProduct(Context context, @Nullable Tensor... inputs) {
    return FrozenProduct.of(context, false, inputs);
  }

  /** The saved gradient is returned itself: it has no other reader. */
  @Override
  public Memory gradientMemory() {
    return Memory.FRESH;
  }

  @Override
  public Phase phase() {
    return Phase.LOSS;
  }

  @Override
  public String name() {
    return "linearCrossEntropy";
  }
}
