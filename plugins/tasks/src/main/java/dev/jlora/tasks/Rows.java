package dev.jlora.tasks;

import dev.jlora.ops.NeuralOps;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads logits into Java. */
final class Rows {
  private Rows() {}

  /**
   * The attention mask [B, length] of a batch's own tokens, which follow those of a prefix; null if
   * every token is visible.
   */
  static @Nullable Tensor mask(Map<String, Tensor> batch, long length) {
    Tensor mask = batch.get("attention_mask");
    return mask == null || mask.size(1) == length
        ? mask
        : Ops.contiguous(Views.slice(mask, 1, mask.size(1) - length, mask.size(1)));
  }

  /** The index of the largest value along the last dimension, row by row. */
  static int[] largest(Tensor logits) {
    long[] indices = Reduce.argmax(logits, -1, false).toLongs();
    int[] found = new int[indices.length];
    for (int i = 0; i < found.length; i++) {
      found[i] = Math.toIntExact(indices[i]);
    }
    return found;
  }

  /** Softmax over the last dimension, flat and row by row. */
  static double[] probabilities(Tensor logits) {
    return NeuralOps.softmax(Ops.to(logits, DType.FLOAT32), -1).toDoubles();
  }
}
