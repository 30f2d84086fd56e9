package dev.jlora.engine.steps;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that determines the kernels of a micro-batch: its inputs, their shapes and dtypes, and
 * whether it is the whole step, so that its loss need not be multiplied by its share.
 */
record BatchShape(Map<String, Form> inputs, boolean whole) {
  record Form(DType dtype, List<Long> shape) {}

  static BatchShape of(Map<String, Tensor> batch, boolean whole) {
    Map<String, Form> inputs = new TreeMap<>();
    batch.forEach(
        (name, tensor) -> {
          List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
          inputs.put(name, new Form(tensor.dtype(), shape));
        });
    return new BatchShape(inputs, whole);
  }
}
