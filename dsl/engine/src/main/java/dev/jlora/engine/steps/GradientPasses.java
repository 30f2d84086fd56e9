package dev.jlora.engine.steps;

import dev.jlora.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The forward and backward passes of a step's micro-batches: {@link #begin}, {@link #add} per
 * micro-batch, {@link #end}.
 */
public interface GradientPasses extends AutoCloseable {

  /** The forward and backward pass of one micro-batch. */
  interface Work {
    /**
     * Adds the gradients of a micro-batch to the sum.
     *
     * @param share the micro-batch's share of the step's loss, 0-dim in the dtype of {@link
     *     Update}; null for all of it
     * @return its share of the loss, in the same dtype and the current scope
     */
    Tensor run(Map<String, Tensor> batch, @Nullable Tensor share, GradientSum gradients);
  }

  /** Begins a step with empty sums. */
  void begin();

  /**
   * Runs forward and backward for a micro-batch that is on the device.
   *
   * @param part its share of the step's loss, at most 1
   */
  void add(Map<String, Tensor> batch, double part);

  /** The gradient sums of this step, valid until it ends. */
  GradientSum gradients();

  /** The sum of this step's losses, valid until it ends. */
  Tensor loss();

  /** Ends a step, whether it succeeded or failed. */
  void end();

  @Override
  void close();
}
