package dev.jlora.autograd;

import dev.jlora.ops.Reduce;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Reverses broadcasting: sums a gradient over the dimensions along which an input was repeated. */
final class Broadcast {
  private Broadcast() {}

  /** The gradient summed to {@code shape}; the gradient itself if the shapes are equal. */
  static Tensor reduce(Tensor gradient, long[] shape) {
    long[] from = gradient.shape();
    if (Arrays.equals(from, shape)) {
      return gradient;
    }
    int added = from.length - shape.length;
    long[] repeated =
        IntStream.range(0, from.length)
            .filter(dim -> dim < added || (shape[dim - added] == 1 && from[dim] != 1))
            .mapToLong(dim -> dim)
            .toArray();
    Tensor sum = repeated.length == 0 ? gradient : Reduce.sum(gradient, true, repeated);
    return Views.reshape(sum, shape);
  }
}
