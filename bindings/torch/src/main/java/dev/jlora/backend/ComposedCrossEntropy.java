package dev.jlora.backend;

import dev.jlora.kernels.CrossEntropyKernel;
import dev.jlora.ops.InPlace;
import dev.jlora.ops.Indexing;
import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;

/**
 * Cross-entropy by a CPU kernel if it supports the input, otherwise by log-probabilities, which are
 * kept for backward.
 */
final class ComposedCrossEntropy implements CrossEntropy {
  @Override
  public Result forward(Tensor logits, Tensor labels, Rule rule) {
    if (CrossEntropyKernel.takes(logits)) {
      return byKernel(logits, labels, rule);
    }
    Tensor wide = logits.dtype().bytes() > 2 ? logits : Ops.to(logits, DType.FLOAT32);
    Tensor logp = NeuralOps.logSoftmax(wide, 1);
    Tensor[] nll =
        NeuralOps.nllLoss(logp, labels, null, NeuralOps.Reduction.MEAN, rule.ignoreIndex());
    Tensor loss = nll[0];
    if (rule.smoothing() != 0) {
      Tensor perRow = Ops.mul(Reduce.sum(logp, false, 1), valid(logp, labels, rule));
      Tensor uniform = Ops.div(Reduce.sum(perRow), nll[1]);
      double share = rule.smoothing() / logp.size(1);
      loss = Ops.add(Ops.mul(loss, 1 - rule.smoothing()), uniform, -share);
    }
    return new Result(loss, logp, labels, nll[1], null);
  }

  /** (p - (1 - s) onehot - s / K) / count for rows that are not ignored, 0 for the others. */
  @Override
  public Tensor backward(Tensor g, Result result, Rule rule) {
    if (result.logSums() != null) {
      return byKernel(g, result, result.logSums(), rule);
    }
    Tensor logp = result.values();
    Tensor labels = result.labels();
    Tensor valid = valid(logp, labels, rule);
    Tensor ignored = Ops.eq(labels, ignored(labels, rule));
    Tensor gradient = Ops.exp(logp);
    if (rule.smoothing() != 0) {
      gradient = Ops.addScalar(gradient, -rule.smoothing() / logp.size(1));
    }
    Tensor column = Views.unsqueeze(Ops.maskedFill(labels, ignored, 0), 1);
    Tensor hit = Tensor.full(rule.smoothing() - 1, logp.dtype(), logp.device(), logp.size(0), 1);
    gradient = Indexing.scatterAdd(gradient, 1, column, hit);
    Tensor perRow = Ops.mul(valid, Ops.div(g, result.counted()));
    InPlace.mul(gradient, Views.unsqueeze(perRow, 1));
    return gradient;
  }

  private static Result byKernel(Tensor logits, Tensor labels, Rule rule) {
    CrossEntropyKernel kernel = kernel(rule);
    long[] classes = labels.toLongs();
    Tensor logSums = Tensor.empty(DType.FLOAT64, classes.length);
    double sum = kernel.losses(logits, classes, logSums);
    double counted = kernel.counted(classes);
    Tensor loss = Tensor.scalar(sum / counted, DType.FLOAT32);
    return new Result(loss, logits, labels, Tensor.scalar(counted, DType.FLOAT32), logSums);
  }

  private static Tensor byKernel(Tensor g, Result result, Tensor logSums, Rule rule) {
    Tensor gradient = Tensor.emptyLike(result.values());
    double factor = g.item() / result.counted().item();
    kernel(rule).gradient(result.values(), result.labels().toLongs(), logSums, factor, gradient);
    return gradient;
  }

  private static CrossEntropyKernel kernel(Rule rule) {
    return new CrossEntropyKernel(rule.ignoreIndex(), rule.smoothing());
  }

  private static Tensor ignored(Tensor labels, Rule rule) {
    return Tensor.full(rule.ignoreIndex(), labels.dtype());
  }

  /** 1 for each label that is not ignored, 0 for the others, with the dtype of the loss. */
  private static Tensor valid(Tensor logp, Tensor labels, Rule rule) {
    return Ops.to(Ops.ne(labels, ignored(labels, rule)), logp.dtype());
  }
}
