package dev.jlora.autograd;

import dev.jlora.backend.Backend;
import dev.jlora.backend.CrossEntropy.Result;
import dev.jlora.backend.CrossEntropy.Rule;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Losses, averaged over their elements. Computed in FLOAT32 for 16-bit inputs. */
final class Losses {
  private Losses() {}

  /** Rejects labels that do not match the vectors of {@code scored} one to one. */
  static void checkClasses(String got, Tensor scored, Tensor labels, double labelSmoothing) {
    long[] shape = scored.shape();
    if (shape.length < 1
        || labels.dtype() != DType.INT64
        || !Arrays.equals(labels.shape(), Arrays.copyOf(shape, shape.length - 1))) {
      throw new IllegalArgumentException(
          "%s %s and labels %s, expected [..., K] and INT64 [...]"
              .formatted(got, scored.describe(), labels.describe()));
    }
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new IllegalArgumentException(
          "%s and a label smoothing of %s, expected 0 to 1".formatted(got, labelSmoothing));
    }
  }

  private static Tensor wide(Tensor x) {
    return x.dtype().bytes() > 2 ? x : Ops.to(x, DType.FLOAT32);
  }

  /**
   * Mean over the labels that are not {@code ignoreIndex} of (1 - s) * -log p[label] + s / K * sum
   * of -log p, with p the softmax of the logits [n, K], s the label smoothing, labels [n] (INT64).
   */
  record CrossEntropy(long ignoreIndex, double smoothing) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      Result result =
          Backend.of(inputs[0].device()).crossEntropy().forward(inputs[0], inputs[1], rule());
      context.save(result.values(), result.labels(), result.counted(), result.logSums());
      return result.loss();
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      Result result =
          new Result(null, context.saved(0), context.saved(1), context.saved(2), context.saved(3));
      Tensor gradient = Backend.of(g.device()).crossEntropy().backward(g, result, rule());
      return new Tensor[] {Ops.to(gradient, context.dtype(0)), null};
    }

    private Rule rule() {
      return new Rule(ignoreIndex, smoothing);
    }

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
      return "crossEntropy";
    }
  }

  /** Mean of max(x, 0) - x t + log(1 + e^-|x|) over logits x and targets t of the same shape. */
  record BceWithLogits() implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      Tensor x = wide(inputs[0]);
      Tensor targets = Ops.to(inputs[1], x.dtype());
      context.save(x, targets);
      return NeuralOps.bceWithLogits(x, targets, NeuralOps.Reduction.MEAN);
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      Tensor x = context.saved(0);
      Tensor share = Ops.mul(g, 1.0 / x.elements());
      Tensor[] gradients = new Tensor[2];
      if (context.needs(0)) {
        Tensor error = Ops.sub(Ops.sigmoid(x), context.saved(1));
        gradients[0] = Ops.to(Ops.mul(error, share), context.dtype(0));
      }
      if (context.needs(1)) {
        gradients[1] = Ops.to(Ops.mul(Ops.neg(x), share), context.dtype(1));
      }
      return gradients;
    }

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
      return "bceWithLogits";
    }
  }

  /** Mean of (x - t)^2 over x and targets t of the same shape. */
  record Mse() implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      Tensor x = wide(inputs[0]);
      Tensor difference = Ops.sub(x, Ops.to(inputs[1], x.dtype()));
      context.save(difference);
      return Reduce.mean(Ops.square(difference));
    }

    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      Tensor difference = context.saved(0);
      Tensor gradient = Ops.mul(difference, Ops.mul(g, 2.0 / difference.elements()));
      return new Tensor[] {
        context.needs(0) ? Ops.to(gradient, context.dtype(0)) : null,
        context.needs(1) ? Ops.to(Ops.neg(gradient), context.dtype(1)) : null
      };
    }

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
      return "mse";
    }
  }
}
