package dev.jlora.autograd;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;

/** Sums, products and casts. The operands of binary functions are broadcast. */
final class Arithmetic {
  private Arithmetic() {}

  /** a + factor * b. */
  record Add(double factor) implements Function {
    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      return Ops.add(inputs[0], inputs[1], factor);
    }

    @Override
    public Tensor[] backward(Context context, Tensor g) {
      Tensor[] gradients = new Tensor[2];
      if (context.needs(0)) {
        gradients[0] = Broadcast.reduce(g, context.shape(0));
      }
      if (context.needs(1)) {
        Tensor reduced = Broadcast.reduce(g, context.shape(1));
        gradients[1] = factor == 1 ? reduced : Ops.mul(reduced, factor);
      }
      return gradients;
    }

    @Override
    public Memory gradientMemory() {
      return Memory.PASSED_ON;
    }

    @Override
    public String name() {
      return "add";
    }
  }

  /** a * b. */
  record Mul() implements Function {
    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      context.save(context.needs(1) ? inputs[0] : null, context.needs(0) ? inputs[1] : null);
      return Ops.mul(inputs[0], inputs[1]);
    }

    @Override
    public Tensor[] backward(Context context, Tensor g) {
      Tensor[] gradients = new Tensor[2];
      if (context.needs(0)) {
        gradients[0] = Broadcast.reduce(Ops.mul(g, context.saved(1)), context.shape(0));
      }
      if (context.needs(1)) {
        gradients[1] = Broadcast.reduce(Ops.mul(g, context.saved(0)), context.shape(1));
      }
      return gradients;
    }

    @Override
    public Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    public String name() {
      return "mul";
    }
  }

  /** a / b. */
  record Div() implements Function {
    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      Tensor quotient = Ops.div(inputs[0], inputs[1]);
      context.save(inputs[1], context.needs(1) ? quotient : null);
      return quotient;
    }

    @Override
    public Tensor[] backward(Context context, Tensor g) {
      Tensor share = Ops.div(g, context.saved(0));
      Tensor[] gradients = new Tensor[2];
      if (context.needs(0)) {
        gradients[0] = Broadcast.reduce(share, context.shape(0));
      }
      if (context.needs(1)) {
        Tensor product = Ops.neg(Ops.mul(share, context.saved(1)));
        gradients[1] = Broadcast.reduce(product, context.shape(1));
      }
      return gradients;
    }

    @Override
    public Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    public String name() {
      return "div";
    }
  }

  /** factor * x. */
  record Scale(double factor) implements Function {
    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      return Ops.mul(inputs[0], factor);
    }

    @Override
    public Tensor[] backward(Context context, Tensor g) {
      if (context.mayOverwriteGradient()) {
        InPlace.mul(g, factor);
        return new Tensor[] {g};
      }
      return new Tensor[] {Ops.mul(g, factor)};
    }

    @Override
    public Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    public String name() {
      return "scale";
    }
  }

  /** x in another dtype; the gradient has x's dtype. */
  record Cast(DType dtype) implements Function {
    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      return Ops.to(inputs[0], dtype);
    }

    @Override
    public Tensor[] backward(Context context, Tensor g) {
      return new Tensor[] {Ops.to(g, context.dtype(0))};
    }

    @Override
    public Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    public String name() {
      return "cast";
    }
  }
}
