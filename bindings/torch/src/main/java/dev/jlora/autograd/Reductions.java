package dev.jlora.autograd;

import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Sums and means over dimensions. */
final class Reductions {
  private Reductions() {}

  /**
   * Sum over {@code dims}, or over all dimensions if none is given. The gradient is a view that
   * repeats the output's gradient.
   */
  record Sum(boolean keepDim, long... dims) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return Reduce.sum(inputs[0], keepDim, dims.length == 0 ? all(inputs[0].rank()) : dims);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      return new Tensor[] {repeat(g, context.shape(0), dims)};
    }

    @Override
    public String name() {
      return "sum";
    }
  }

  /** Mean over {@code dims}, or over all dimensions if none is given. */
  record Mean(boolean keepDim, long... dims) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return Reduce.mean(inputs[0], keepDim, dims.length == 0 ? all(inputs[0].rank()) : dims);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      long[] shape = context.shape(0);
      double count = LongStream.of(shape).asDoubleStream().reduce(1, (a, b) -> a * b);
      double share = g.elements() / count;
      return new Tensor[] {repeat(Ops.mul(g, share), shape, dims)};
    }

    @Override
    public String name() {
      return "mean";
    }
  }

  /**
   * Euclidean norm over {@code dims}, or over all dimensions if none is given. Its gradient at zero
   * is zero.
   */
  record Norm(boolean keepDim, long... dims) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      Tensor x = inputs[0];
      long[] over = dims.length == 0 ? all(x.rank()) : dims;
      Tensor norm = Ops.sqrt(Reduce.sum(Ops.square(x), keepDim, over));
      context.save(x, norm);
      return norm;
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      Tensor x = context.saved(0);
      Tensor norm = context.saved(1);
      Tensor none = Ops.eq(norm, Tensor.zerosLike(norm));
      Tensor share = Ops.maskedFill(Ops.div(g, norm), none, 0);
      return new Tensor[] {Ops.mul(x, repeat(share, context.shape(0), dims))};
    }

    @Override
    public Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    public String name() {
      return "norm";
    }
  }

  private static long[] all(int rank) {
    return LongStream.range(0, rank).toArray();
  }

  private static Tensor repeat(Tensor g, long[] shape, long[] dims) {
    long[] kept = shape.clone();
    for (long dim : dims.length == 0 ? all(shape.length) : dims) {
      kept[(int) (dim < 0 ? dim + shape.length : dim)] = 1;
    }
    return Views.expand(Views.reshape(g, kept), shape);
  }
}
