package dev.jlora.autograd;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/** Functions that move elements without computing: mostly views, in both directions. */
final class Shaping {
  private Shaping() {}

  /** A function of one input whose gradient is a view of the output's gradient. */
  private interface View extends OneInput {
    @Override
    default Memory gradientMemory() {
      return Memory.PASSED_ON;
    }

    @Override
    default Phase phase() {
      return Phase.SHAPING;
    }
  }

  record Reshape(long... shape) implements View {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return Views.reshape(inputs[0], shape);
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      return Views.reshape(g, context.shape(0));
    }

    @Override
    public String name() {
      return "reshape";
    }
  }

  record Transpose(int dim0, int dim1) implements View {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return Views.transpose(inputs[0], dim0, dim1);
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      return Views.transpose(g, dim0, dim1);
    }

    @Override
    public String name() {
      return "transpose";
    }
  }

  record Permute(int... dims) implements View {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return Views.permute(inputs[0], dims);
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      int[] inverse = new int[dims.length];
      for (int i = 0; i < dims.length; i++) {
        inverse[dims[i] < 0 ? dims[i] + dims.length : dims[i]] = i;
      }
      return Views.permute(g, inverse);
    }

    @Override
    public String name() {
      return "permute";
    }
  }

  /** Repeats dimensions of size 1 without memory; new dimensions come first. */
  record Expand(long... shape) implements View {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return Views.expand(inputs[0], shape);
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      return Broadcast.reduce(g, context.shape(0));
    }

    @Override
    public String name() {
      return "expand";
    }
  }

  /** Elements {@code start} (inclusive) to {@code end} (exclusive) of a dimension. */
  record Slice(int dim, long start, long end) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return Views.slice(inputs[0], dim, start, end);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      Tensor whole = Tensor.zeros(g.dtype(), g.device(), context.shape(0));
      Views.slice(whole, dim, start, end).copyFrom(g);
      return new Tensor[] {whole};
    }

    @Override
    public boolean addGradient(Context context, Tensor g, Tensor sum) {
      InPlace.add(Views.slice(sum, dim, start, end), g, 1);
      return true;
    }

    @Override
    public Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    public Phase phase() {
      return Phase.SHAPING;
    }

    @Override
    public String name() {
      return "slice";
    }
  }

  /** One index of a dimension, which is removed. */
  record Select(int dim, long index) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return Views.select(inputs[0], dim, index);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      Tensor whole = Tensor.zeros(g.dtype(), g.device(), context.shape(0));
      Views.select(whole, dim, index).copyFrom(g);
      return new Tensor[] {whole};
    }

    @Override
    public Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    public Phase phase() {
      return Phase.SHAPING;
    }

    @Override
    public String name() {
      return "select";
    }
  }

  /** Any number of inputs, joined along a dimension; each gets its part of the gradient. */
  record Cat(int dim) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      return Ops.cat(dim, inputs);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      int along = dim < 0 ? dim + g.rank() : dim;
      Tensor[] parts = new Tensor[context.inputs()];
      long start = 0;
      for (int i = 0; i < parts.length; i++) {
        long end = start + context.shape(i)[along];
        if (context.needs(i)) {
          parts[i] = Views.slice(g, along, start, end);
        }
        start = end;
      }
      return parts;
    }

    @Override
    public Phase phase() {
      return Phase.SHAPING;
    }

    @Override
    public String name() {
      return "cat";
    }
  }
}
