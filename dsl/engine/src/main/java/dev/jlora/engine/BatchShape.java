package dev.jlora.engine;

import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that decides which work a micro-batch is: which inputs there are, their shapes and dtypes,
 * and whether its loss is that of the whole step, which spares the multiplication by its share.
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
