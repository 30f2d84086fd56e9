package dev.jlora.kernels;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Parallel;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Cross-entropy of rows of logits [n, K] against labels, and its gradient, without storing
 * probabilities or their logarithms: the log of the sum of exponentials of each row is sufficient.
 *
 * <p>A row's loss is (1 - s) * -log p[label] + s / K * the sum of -log p, with p the softmax of the
 * row and s the label smoothing; a row with the label {@code ignoreIndex} has loss 0. Rows are
 * distributed over libtorch's threads; results do not depend on the distribution.
 *
 * @param smoothing from 0 to 1
 */
public record CrossEntropyKernel(long ignoreIndex, double smoothing) {
  /** Minimum number of elements for a thread. */
  private static final long GRAIN = 1 << 14;

  /** Whether the kernel supports these logits: contiguous FLOAT32 or BFLOAT16 in host memory. */
  public static boolean takes(Tensor logits) {
    return logits.rank() == 2 && HostMemory.has(logits) && takes(logits.dtype(), logits.device());
  }

  /** Whether the kernel supports contiguous logits of this dtype and device. */
  public static boolean takes(DType dtype, Device device) {
    return device.kind() == Device.Kind.CPU && FloatSpan.ofThread(dtype) != null;
  }

  /** Number of labels that are not ignored. */
  public long counted(long[] labels) {
    return Arrays.stream(labels).filter(label -> label != ignoreIndex).count();
  }

  /**
   * The sum of the rows' losses.
   *
   * @param labels one per row
   * @param logSums [n] FLOAT64, receives the log of the sum of exp of each row
   */
  public double losses(Tensor logits, long[] labels, Tensor logSums) {
    double[] losses = new double[labels.length];
    MemorySegment sums = HostMemory.of(logSums);
    inRows(
        logits,
        labels,
        (softmax, at, label, row) -> {
          softmax.read(at);
          losses[row] = loss(softmax, at, label);
          sums.setAtIndex(JAVA_DOUBLE, row, softmax.logSum());
        });
    return Arrays.stream(losses).sum();
  }

  /**
   * Writes {@code factor} times the gradient of the sum of losses.
   *
   * @param logSums as written by {@link #losses}
   * @param to like the logits; may be the logits
   */
  public void gradient(Tensor logits, long[] labels, Tensor logSums, double factor, Tensor to) {
    MemorySegment sums = HostMemory.of(logSums);
    long shift = to.address() - logits.address();
    inRows(
        logits,
        labels,
        (softmax, at, label, row) -> {
          softmax.set(sums.getAtIndex(JAVA_DOUBLE, row));
          gradient(softmax, at, label, factor, at + shift);
        });
  }

  /**
   * Combines both: returns the sum of the rows' losses, and replaces the logits by {@code factor}
   * times its gradient.
   */
  public double replace(Tensor logits, long[] labels, double factor) {
    double[] losses = new double[labels.length];
    inRows(
        logits,
        labels,
        (softmax, at, label, row) -> {
          softmax.read(at);
          losses[row] = loss(softmax, at, label);
          gradient(softmax, at, label, factor, at);
        });
    return Arrays.stream(losses).sum();
  }

  private double loss(SoftmaxRow softmax, long at, long label) {
    if (label == ignoreIndex) {
      return 0;
    }
    double maximum = softmax.maximum();
    double right = maximum - softmax.logit(at, label);
    double loss = Math.log(softmax.sum()) + (maximum - maximum); // NaN for a row with an infinity
    if (smoothing == 0) {
      return loss + right;
    }
    int columns = softmax.columns();
    return loss + (1 - smoothing) * right + smoothing / columns * softmax.belowLargest(at);
  }

  private void gradient(SoftmaxRow softmax, long at, long label, double factor, long to) {
    if (label == ignoreIndex) {
      softmax.clear(to);
      return;
    }
    double uniform = smoothing / softmax.columns();
    double right = softmax.probability(softmax.logit(at, label)) - (1 - smoothing) - uniform;
    softmax.write(at, to, factor, -factor * uniform);
    softmax.put(to, label, factor * right);
  }

  /** Work on a row of logits at an address. */
  private interface Row {
    void run(SoftmaxRow softmax, long at, long label, int row);
  }

  private void inRows(Tensor logits, long[] labels, Row work) {
    int columns = Math.toIntExact(logits.size(1));
    DType dtype = logits.dtype();
    requireInRange(labels, columns);
    long first = logits.address();
    Parallel.forRange(
        0,
        labels.length,
        Math.max(1, GRAIN / columns),
        (begin, end) -> {
          SoftmaxRow softmax = new SoftmaxRow(dtype, columns);
          for (long row = begin; row < end; row++) {
            long at = first + row * columns * dtype.bytes();
            work.run(softmax, at, labels[(int) row], (int) row);
          }
        });
  }

  private void requireInRange(long[] labels, int columns) {
    for (long label : labels) {
      if (label != ignoreIndex && (label < 0 || label >= columns)) {
        throw new IllegalArgumentException(
            "cross-entropy: got the label %d, expected 0 to %d, or %d for ignored rows"
                .formatted(label, columns - 1, ignoreIndex));
      }
    }
  }
}
