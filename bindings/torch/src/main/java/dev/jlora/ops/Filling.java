package dev.jlora.ops;

import dev.jlora.tensor.HostHeap;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Shapes;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An ATen operator with an {@code out} overload that writes into existing memory. A large result on
 * the CPU gets memory of {@link HostHeap}; ATen allocates all others. Operators without such an
 * overload, or whose overload computes elsewhere and copies, use {@link Pieces}.
 */
final class Filling {
  private final Operator making;
  private final Operator filling;

  private Filling(Operator making, Operator filling) {
    this.making = making;
    this.filling = filling;
  }

  /** Two overloads of one operator; the second takes the result after all other arguments. */
  static Filling of(String making, String filling) {
    return new Filling(Operator.of(making), Operator.of(filling));
  }

  /**
   * Calls an elementwise or row-wise operator: if all its tensors have the shape and dtype of
   * {@code x}, so has the result.
   */
  Tensor like(Tensor x, @Nullable Object... arguments) {
    if (!HostHeap.takes(x.device(), x.elements() * x.dtype().bytes())
        || !x.contiguous()
        || !allAlike(x, arguments)) {
      return making.one(arguments);
    }
    return into(Tensor.emptyLike(x), arguments);
  }

  private static boolean allAlike(Tensor x, @Nullable Object[] arguments) {
    for (Object argument : arguments) {
      if (argument instanceof Tensor tensor && !alike(x, tensor)) {
        return false;
      }
    }
    return true;
  }

  /** Whether two tensors have the same dtype, device and shape. */
  static boolean alike(Tensor a, Tensor b) {
    return a.dtype() == b.dtype()
        && a.device().equals(b.device())
        && Arrays.equals(a.shape(), b.shape());
  }

  /** Calls an operator whose result has the dtype of {@code x} and the given shape. */
  Tensor shaped(Tensor x, long[] shape, @Nullable Object... arguments) {
    long bytes = Shapes.elements(shape) * x.dtype().bytes();
    return HostHeap.takes(x.device(), bytes)
        ? into(Tensor.empty(x.dtype(), shape), arguments)
        : making.one(arguments);
  }

  /** The allocating overload, for arguments that the other may not support. */
  Operator making() {
    return making;
  }

  private Tensor into(Tensor out, @Nullable Object[] arguments) {
    @Nullable Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = out;
    filling.run(1, all);
    return out;
  }
}
