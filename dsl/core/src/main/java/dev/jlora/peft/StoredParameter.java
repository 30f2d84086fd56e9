package dev.jlora.peft;

import dev.jlora.model.Parameter;
import dev.jlora.tensor.Tensor;
import java.util.List;

/** A parameter that is a tensor of the file. Equal if it is the same parameter. */
record StoredParameter(Parameter parameter) implements StoredTensor {
  @Override
  public String name() {
    return parameter.name();
  }

  @Override
  public List<Long> shape() {
    return parameter.shape();
  }

  @Override
  public Tensor value() {
    return parameter.value();
  }

  @Override
  public void read(Tensor value) {
    parameter.own().copyFrom(value);
  }
}
