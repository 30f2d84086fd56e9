package dev.jlora.autograd;

import dev.jlora.ops.InPlace;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.profile.Phase;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import org.jspecify.annotations.Nullable;

/** Losses, each the mean over its elements. Computed in FLOAT32 for 16-bit inputs. */
final class Losses {
  private Losses() {}

  private static Tensor wide(Tensor x) {
    return x.dtype().bytes() > 2 ? x : Ops.to(x, DType.FLOAT32);
  }

  /**
   * Mean over the labels that are not {@code ignoreIndex} of (1 - s) * -log p[label] + s / K * sum
   * of -log p, with p the softmax of the logits [n, K], s the label smoothing, labels [n] (INT64).
   * Saves the log-probabilities.
   */
  record CrossEntropy(long ignoreIndex, double smoothing) implements Function {
    @Override
    public Tensor forward(Context context, @Nullable Tensor... inputs) {
      Tensor labels = inputs[1];
      Tensor logp = NeuralOps.logSoftmax(wide(inputs[0]), 1);
      Tensor[] nll = NeuralOps.nllLoss(logp, labels, null, NeuralOps.Reduction.MEAN, ignoreIndex);
      context.save(logp, labels, nll[1]);
      if (smoothing == 0) {
        return nll[0];
      }
      Tensor perRow = Ops.mul(Reduce.sum(logp, false, 1), valid(logp, labels));
      Tensor uniform = Ops.div(Reduce.sum(perRow), nll[1]);
      double share = smoothing / logp.size(1);
      return Ops.add(Ops.mul(nll[0], 1 - smoothing), uniform, -share);
    }

    /** (p - (1 - s) onehot - s / K) / count for each row that counts, 0 for the others. */
    @Override
    public @Nullable Tensor[] backward(Context context, Tensor g) {
      Tensor logp = context.saved(0);
      Tensor labels = context.saved(1);
      Tensor valid = valid(logp, labels);
      Tensor ignored = Ops.eq(labels, ignored(labels));
      Tensor gradient = Ops.exp(logp);
      if (smoothing != 0) {
        gradient = Ops.addScalar(gradient, -smoothing / logp.size(1));
      }
      Tensor column = Views.unsqueeze(Ops.maskedFill(labels, ignored, 0), 1);
      Tensor hit = Tensor.full(smoothing - 1, logp.dtype(), logp.device(), logp.size(0), 1);
      gradient = Indexing.scatterAdd(gradient, 1, column, hit);
      Tensor perRow = Ops.mul(valid, Ops.div(g, context.saved(2)));
      InPlace.mul(gradient, Views.unsqueeze(perRow, 1));
      return new Tensor[] {Ops.to(gradient, context.dtype(0)), null};
    }

    private Tensor ignored(Tensor labels) {
      return Tensor.full(ignoreIndex, labels.dtype());
    }

    /** 1 for each label that counts, 0 for the others, in the dtype of the loss. */
    private Tensor valid(Tensor logp, Tensor labels) {
      return Ops.to(Ops.ne(labels, ignored(labels)), logp.dtype());
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

  /** Mean of max(x, 0) - x t + log(1 + e^-|x|) over logits x and targets t of one shape. */
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

  /** Mean of (x - t)^2 over x and targets t of one shape. */
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
