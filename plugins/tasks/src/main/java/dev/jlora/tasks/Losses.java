package dev.jlora.tasks;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.Tape;
import dev.jlora.data.Collator;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.model.runtime.Projection;
import dev.jlora.spec.Nearest;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/** Common code of losses. */
final class Losses {

  private Losses() {}

  /** Converts logits to at least float32, in which losses are computed for all precisions. */
  static Tensor precise(Tape tape, Tensor logits) {
    return logits.dtype() == DType.FLOAT32 || logits.dtype() == DType.FLOAT64
        ? logits
        : Functions.cast(tape, logits, DType.FLOAT32);
  }

  /** Cross-entropy over the last dimension of {@code logits}: [..., C] against [...] INT64. */
  static Tensor crossEntropy(Tape tape, Tensor logits, Tensor labels, double smoothing) {
    return Functions.crossEntropy(tape, logits, labels, Collator.IGNORED, smoothing);
  }

  /**
   * Cross-entropy of the model's logits, which are not computed as a whole unless they have been
   * requested.
   */
  static Tensor crossEntropy(Tape tape, Outputs outputs, Tensor labels, double smoothing) {
    Projection logits = outputs.projection("logits");
    return logits == null
        ? crossEntropy(tape, outputs.logits(), labels, smoothing)
        : Functions.linearCrossEntropy(
            tape, logits.x(), logits.weight(), logits.bias(), labels, Collator.IGNORED, smoothing);
  }

  /** Number of labels of a batch on the host that are not ignored. */
  static long counted(Map<String, Tensor> batch, String name) {
    return Arrays.stream(labels(batch, name).toLongs())
        .filter(label -> label != Collator.IGNORED)
        .count();
  }

  /** The batch's tensor of that name, which batches for training and evaluation have. */
  static Tensor labels(Map<String, Tensor> batch, String name) {
    Tensor labels = batch.get(name);
    if (labels == null) {
      throw new IllegalArgumentException(
          "The batch has no '%s', so it has no loss; it has %s. Give the data a label column."
              .formatted(name, Nearest.list(batch.keySet())));
    }
    return labels;
  }
}
