package dev.jlora.kernels;

import dev.jlora.kernels.AttentionTiling.Block;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The products of an attention, block by block, in one dtype; one for each thread. Scores and what
 * comes of them lie transposed, [keys, stride], in FLOAT32.
 */
interface HeadProducts {
  /** The inputs; {@code g}, the gradient of the output, is null in forward. */
  record Inputs(HeadView q, HeadView k, HeadView v, @Nullable HeadView g) {
    /** The same from a later row on. */
    Inputs from(long row) {
      return new Inputs(q.from(row), k.from(row), v.from(row), HeadView.from(g, row));
    }
  }

  /** The gradients to write, null where none is wanted. */
  record Gradients(@Nullable HeadView q, @Nullable HeadView k, @Nullable HeadView v) {
    /** The same from a later row on. */
    Gradients from(long row) {
      return new Gradients(HeadView.from(q, row), HeadView.from(k, row), HeadView.from(v, row));
    }
  }

  /** Where {@link #multiplyKeys} writes, and {@link #multiplyValues} reads probabilities. */
  MemorySegment scores();

  /** scores = K Q^T. */
  void multiplyKeys(Block block);

  /** out = P V. */
  void multiplyValues(Block block, HeadView out);

  /** Where dropped probabilities go: that of the scores where nothing is dropped. */
  MemorySegment dropped();

  /** Where {@link #multiplyGradient} writes, and {@link #accumulate} reads gradients of scores. */
  MemorySegment gradient();

  /** gradient = V G^T, that of the dropped probabilities. */
  void multiplyGradient(Block block);

  /**
   * From the dropped probabilities and the gradient of the scores: dQ of these rows, and what these
   * rows add to dK and dV of the head.
   *
   * @param add whether a block of the head came before; otherwise the sums start here
   */
  void accumulate(Block block, boolean add, Gradients gradients);

  /** Ends the head of a block: its sums may lie in memory of the thread until then. */
  void finish(Block block, Gradients gradients);

  /** Ends the work of the thread. */
  void close();
}
