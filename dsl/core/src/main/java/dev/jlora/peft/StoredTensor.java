package dev.jlora.peft;

import dev.jlora.model.Parameter;
import dev.jlora.tensor.Tensor;
import java.util.List;

/**
 * A tensor of an adapter's file. Most hold one {@linkplain #of parameter}; a target whose file
 * looks different, such as one that stores two matrices joined, {@linkplain AdapterTarget#stored
 * declares} its own.
 */
public interface StoredTensor {

  /** The name in the model, without a prefix: {@code ....query.lora_A.weight}. */
  String name();

  /** The shape that {@link #read} expects. */
  List<Long> shape();

  /** Whether {@link #read} takes values of this shape; usually of the {@link #shape} only. */
  default boolean takes(List<Long> given) {
    return given.equals(shape());
  }

  /** The values to write; the current scope owns new tensors, and callers close none. */
  Tensor value();

  /**
   * Takes the values of a file.
   *
   * @param value of a shape that it {@link #takes}, in any floating dtype; on the host
   */
  void read(Tensor value);

  /** A tensor that holds one parameter under its own name. */
  static StoredTensor of(Parameter parameter) {
    return new StoredParameter(parameter);
  }
}
