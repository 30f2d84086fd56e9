package dev.jlora.cuda.kernels;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Checks of a kernel's tensors, made before it is queued.
 *
 * @param kernel its name, for messages
 * @param device of all its tensors
 */
record Operands(String kernel, Device device) {
  private static final int LOAD_BYTES = 16;

  /**
   * Rejects a tensor with another dtype or shape, with gaps, or on another device; null is
   * accepted.
   */
  void check(String role, @Nullable Tensor tensor, DType dtype, long... shape) {
    if (tensor == null) {
      return;
    }
    boolean fits =
        tensor.dtype() == dtype
            && Arrays.equals(tensor.shape(), shape)
            && tensor.contiguous()
            && tensor.device().equals(device);
    if (!fits) {
      throw new IllegalArgumentException(
          "%s: got %s %s%s on %s, expected %s%s, contiguous, on %s"
              .formatted(
                  kernel,
                  role,
                  tensor.describe(),
                  tensor.contiguous() ? "" : " with gaps",
                  tensor.device(),
                  dtype,
                  Arrays.toString(shape),
                  device));
    }
  }

  /** Rejects a parameter that is neither FLOAT32 nor of the elements' dtype; null is accepted. */
  void parameter(String role, @Nullable Tensor tensor, DType elements, long... shape) {
    if (tensor != null) {
      check(role, tensor, tensor.dtype() == DType.FLOAT32 ? DType.FLOAT32 : elements, shape);
    }
  }

  /** Rejects parameters of different dtypes; null is accepted. */
  void alike(@Nullable Tensor one, @Nullable Tensor other) {
    if (one != null && other != null && one.dtype() != other.dtype()) {
      throw new IllegalArgumentException(
          "%s: got parameters of %s and %s, expected one dtype"
              .formatted(kernel, one.dtype(), other.dtype()));
    }
  }

  /**
   * Number of elements that a thread may load at once: 16 bytes, or less if row length or addresses
   * require it. Null tensors are ignored.
   */
  static int vector(DType elements, long columns, @Nullable Tensor... tensors) {
    int vector = LOAD_BYTES / elements.bytes();
    while (vector > 1 && !fits(vector, columns, tensors)) {
      vector /= 2;
    }
    return vector;
  }

  private static boolean fits(int vector, long columns, @Nullable Tensor... tensors) {
    return columns % vector == 0
        && Arrays.stream(tensors)
            .allMatch(it -> it == null || it.address() % ((long) vector * it.dtype().bytes()) == 0);
  }
}
