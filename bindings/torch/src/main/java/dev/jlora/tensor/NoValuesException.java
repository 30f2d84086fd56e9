package dev.jlora.tensor;

/** Thrown on access to the values of a tensor on {@link Device#META}, where tensors have none. */
public final class NoValuesException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NoValuesException(Tensor tensor) {
    super(
        "values: got %s on meta, where tensors have none; expected one on the CPU or a GPU"
            .formatted(tensor.describe()));
  }
}
