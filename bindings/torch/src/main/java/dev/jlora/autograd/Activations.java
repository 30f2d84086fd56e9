package dev.jlora.autograd;

import dev.jlora.backend.Backend;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.Tensor;

/** Elementwise nonlinearities, and softmax. */
final class Activations {
  private Activations() {}

  /** A function of one input whose gradient has memory of its own. */
  private interface Unary extends OneInput {
    @Override
    default Memory gradientMemory() {
      return Memory.FRESH;
    }

    @Override
    default Phase phase() {
      return Phase.ACTIVATION;
    }
  }

  /**
   * @param approximate "none" (exact) or "tanh"
   */
  record Gelu(String approximate) implements Unary {
    Gelu {
      if (!approximate.equals("none") && !approximate.equals("tanh")) {
        throw new IllegalArgumentException(
            "gelu: got approximate \"" + approximate + "\", expected \"none\" or \"tanh\"");
      }
    }

    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      context.save(inputs[0]);
      return Backend.of(inputs[0].device()).gelu().forward(inputs[0], approximate);
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      return Backend.of(g.device()).gelu().backward(g, context.saved(0), approximate);
    }

    @Override
    public String name() {
      return "gelu";
    }
  }

  record Tanh() implements Unary {
    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      Tensor y = Ops.tanh(inputs[0]);
      context.save(y);
      return y;
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      return NeuralOps.tanhBackward(g, context.saved(0));
    }

    @Override
    public String name() {
      return "tanh";
    }
  }

  record Sigmoid() implements Unary {
    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      Tensor y = Ops.sigmoid(inputs[0]);
      context.save(y);
      return y;
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      return NeuralOps.sigmoidBackward(g, context.saved(0));
    }

    @Override
    public String name() {
      return "sigmoid";
    }
  }

  /** max(x, 0); the gradient at 0 is 0. */
  record Relu() implements Unary {
    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      Tensor y = Ops.relu(inputs[0]);
      context.save(y);
      return y;
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      Tensor y = context.saved(0);
      return Ops.maskedFill(g, Ops.le(y, Tensor.scalar(0, y.dtype())), 0);
    }

    @Override
    public String name() {
      return "relu";
    }
  }

  /** x * sigmoid(x). */
  record Silu() implements Unary {
    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      context.save(inputs[0]);
      return Ops.silu(inputs[0]);
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      return NeuralOps.siluBackward(g, context.saved(0));
    }

    @Override
    public String name() {
      return "silu";
    }
  }

  record Softmax(int dim) implements Unary {
    @Override
    public Tensor forward(Context context, Tensor... inputs) {
      Tensor y = NeuralOps.softmax(inputs[0], dim);
      context.save(y);
      return y;
    }

    @Override
    public Tensor gradient(Context context, Tensor g) {
      return NeuralOps.softmaxBackward(g, context.saved(0), dim, context.dtype(0));
    }

    @Override
    public String name() {
      return "softmax";
    }
  }
}
