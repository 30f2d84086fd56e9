package dev.jlora.cuda.backend;

import dev.jlora.backend.CrossEntropy;
import dev.jlora.cuda.kernels.CrossEntropyKernels;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;

/**
 * Cross-entropy in one pass over the logits in each direction; backward recomputes the
 * probabilities.
 */
final class CudaCrossEntropy implements CrossEntropy {
  private final GpuQueue queue;
  private final CrossEntropyKernels kernels;
  private final CrossEntropy composed;

  CudaCrossEntropy(GpuQueue queue, CrossEntropy composed) {
    this.queue = queue;
    this.kernels = new CrossEntropyKernels(queue.kernels());
    this.composed = composed;
  }

  @Override
  public Result forward(Tensor logits, Tensor labels, Rule rule) {
    if (!GpuQueue.takes(logits)) {
      return composed.forward(logits, labels, rule);
    }
    Tensor values = Ops.contiguous(logits);
    Tensor positions = Ops.contiguous(labels);
    long rows = values.size(0);
    CrossEntropyKernels.Results results =
        new CrossEntropyKernels.Results(
            floats(values), floats(values), floats(values, rows), floats(values, rows));
    kernels.forward(queue.stream(), results, values, positions, rule(rule));
    return new Result(results.loss(), values, positions, results.counted(), results.logSums());
  }

  @Override
  public Tensor backward(Tensor g, Result result, Rule rule) {
    Tensor logSums = result.logSums();
    if (logSums == null) {
      return composed.backward(g, result, rule);
    }
    Tensor values = result.values();
    Tensor dlogits = Tensor.empty(values.dtype(), values.device(), values.shape());
    kernels.backward(
        queue.stream(),
        dlogits,
        Ops.contiguous(g),
        new CrossEntropyKernels.Saved(result.counted(), logSums),
        values,
        result.labels(),
        rule(rule));
    return dlogits;
  }

  private static CrossEntropyKernels.Rule rule(Rule rule) {
    return new CrossEntropyKernels.Rule(rule.ignoreIndex(), rule.smoothing());
  }

  private static Tensor floats(Tensor like, long... shape) {
    return Tensor.empty(DType.FLOAT32, like.device(), shape);
  }
}
