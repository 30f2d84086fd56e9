package dev.jlora.cuda.blas;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import java.util.Map;

/**
 * The tensors behind the names of a plan, checked before their addresses are passed to native code.
 *
 * @param tensors contiguous, by name
 */
record Buffers(Map<String, Tensor> tensors, Precision precision, Device device) {
  long address(Gemm.Operand operand) {
    return at(tensor(operand.buffer(), operand.reach(), precision.dtype()), operand);
  }

  /** Address of a result that may be FLOAT32 for any dtype of the factors. */
  long result(Gemm.Operand operand) {
    return at(tensor(operand.buffer(), operand.reach(), resultType(operand)), operand);
  }

  /** Dtype of a result: the precision's, or FLOAT32. */
  DType resultType(Gemm.Operand operand) {
    Tensor tensor = tensors.get(operand.buffer());
    boolean wide = tensor != null && tensor.dtype() == DType.FLOAT32;
    return wide ? DType.FLOAT32 : precision.dtype();
  }

  private static long at(Tensor tensor, Gemm.Operand operand) {
    return tensor.address() + operand.offset() * tensor.dtype().bytes();
  }

  long bias(String name, int length) {
    return tensor(name, length, precision.dtype()).address();
  }

  private Tensor tensor(String name, long elements, DType dtype) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "product: there is no buffer '%s', only %s".formatted(name, tensors.keySet()));
    }
    boolean fits =
        tensor.dtype() == dtype
            && tensor.contiguous()
            && tensor.elements() >= elements
            && tensor.device().equals(device);
    if (!fits) {
      throw new IllegalArgumentException(
          "product: got buffer '%s' %s on %s, expected %d elements or more of %s, contiguous, on %s"
              .formatted(name, tensor.describe(), tensor.device(), elements, dtype, device));
    }
    return tensor;
  }
}
