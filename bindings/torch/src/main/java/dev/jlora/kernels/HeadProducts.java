package dev.jlora.kernels;

import dev.jlora.kernels.AttentionTiling.Block;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The products of an attention, block by block, in one dtype; one instance per thread. Scores and
 * values derived from them are transposed, [keys, stride], in FLOAT32.
 */
interface HeadProducts {
  /** The inputs; {@code g}, the gradient of the output, is null in forward. */
  record Inputs(HeadView q, HeadView k, HeadView v, @Nullable HeadView g) {
    /** The inputs from a later row on. */
    Inputs from(long row) {
      return new Inputs(q.from(row), k.from(row), v.from(row), HeadView.from(g, row));
    }
  }

  /** The gradients to write, null if not wanted. */
  record Gradients(@Nullable HeadView q, @Nullable HeadView k, @Nullable HeadView v) {
    /** The gradients from a later row on. */
    Gradients from(long row) {
      return new Gradients(HeadView.from(q, row), HeadView.from(k, row), HeadView.from(v, row));
    }
  }

  /**
   * Destination of {@link #multiplyKeys}; {@link #multiplyValues} reads the probabilities from it.
   */
  MemorySegment scores();

  /** scores = K Q^T. */
  void multiplyKeys(Block block);

  /** out = P V. */
  void multiplyValues(Block block, HeadView out);

  /** Destination of dropped probabilities; the scores' memory without dropout. */
  MemorySegment dropped();

  /**
   * Destination of {@link #multiplyGradient}; {@link #accumulate} reads the gradients of scores
   * from it.
   */
  MemorySegment gradient();

  /** gradient = V G^T, the gradient of the dropped probabilities. */
  void multiplyGradient(Block block);

  /**
   * Computes, from the dropped probabilities and the gradient of the scores, dQ of these rows and
   * their contributions to dK and dV of the head.
   *
   * @param add whether an earlier block of the head exists; otherwise the sums start here
   */
  void accumulate(Block block, boolean add, Gradients gradients);

  /** Finishes the head of a block; until then its sums may be in the thread's memory. */
  void finish(Block block, Gradients gradients);

  /** Ends the work of the thread. */
  void close();
}
