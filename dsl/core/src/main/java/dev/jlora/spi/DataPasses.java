package dev.jlora.spi;

import dev.jlora.model.Parameter;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.tensor.Tensor;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * Passes over the training data that an adapter method runs before training, to initialize an
 * adapter from them. Batches come in the order of training, without dropout.
 */
public interface DataPasses {

  /**
   * Runs forward passes, from the first batch again after the last.
   *
   * @param observer the only adapter of the passes; its layers see the inputs of their modules. The
   *     caller closes it
   * @param more asked before each batch whether to go on
   */
  void forward(Adapter observer, BooleanSupplier more);

  /**
   * Runs forward and backward passes over the first batches, or all if there are fewer.
   *
   * @param observer the only adapter of the passes; its trainable parameters get gradients. The
   *     caller closes it
   * @param rows the number of rows after which to stop
   * @param each called once per batch and parameter with the gradient of the batch's loss, which is
   *     valid during the call
   */
  void gradients(Adapter observer, long rows, BiConsumer<Parameter, Tensor> each);
}
