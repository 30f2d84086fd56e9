package dev.jlora.cuda.blas;

import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.util.Map;

/**
 * The tensors behind the names of a plan, checked before their addresses leave Java.
 *
 * @param tensors contiguous, by name
 */
record Buffers(Map<String, Tensor> tensors, Precision precision, Device device) {
  long address(Gemm.Operand operand) {
    Tensor tensor = tensor(operand.buffer(), operand.reach());
    return tensor.address() + operand.offset() * tensor.dtype().bytes();
  }

  long bias(String name, int length) {
    return tensor(name, length).address();
  }

  private Tensor tensor(String name, long elements) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "product: there is no buffer '%s', only %s".formatted(name, tensors.keySet()));
    }
    boolean fits =
        tensor.dtype() == precision.dtype()
            && tensor.contiguous()
            && tensor.elements() >= elements
            && tensor.device().equals(device);
    if (!fits) {
      throw new IllegalArgumentException(
          "product: got buffer '%s' %s on %s, expected %d elements or more of %s, contiguous, on %s"
              .formatted(
                  name, tensor.describe(), tensor.device(), elements, precision.dtype(), device));
    }
    return tensor;
  }
}
