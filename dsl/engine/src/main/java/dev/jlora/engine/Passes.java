package dev.jlora.engine;

import dev.jlora.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Forward and backward of the micro-batches of a step: {@link #begin}, {@link #add} them, end. */
interface Passes extends AutoCloseable {

  /** Forward and backward of one micro-batch. */
  interface Work {
    /**
     * Adds the gradients of a micro-batch to the sum.
     *
     * @param share of the step's loss, 0-dim in the precision of {@link Update}; null for all of it
     * @return its share of the loss, in the same precision and the current scope
     */
    Tensor run(Map<String, Tensor> batch, @Nullable Tensor share, GradientSum gradients);
  }

  /** Begins a step: sums of nothing. */
  void begin();

  /**
   * Runs forward and backward of a micro-batch that is in place.
   *
   * @param part its share of the step's loss, up to 1
   */
  void add(Map<String, Tensor> batch, double part);

  /** The sums of the gradients of this step, until it ends. */
  GradientSum gradients();

  /** The sum of the losses of this step, until it ends. */
  Tensor loss();

  /** Ends a step, successful or not. */
  void end();

  @Override
  void close();
}
