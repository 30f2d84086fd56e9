package dev.jlora.engine.conformance;

import dev.jlora.engine.conformance.Comparison.Tolerance;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;

/** Compares the outputs of a training case before and after training. */
record CaseOutputs(
    ReferenceCase reference,
    Comparison comparison,
    SafetensorsFile inputs,
    SafetensorsFile expected) {

  /**
   * The outputs for micro-batch 0 in eval mode.
   *
   * @param when the end of the expectations' names, {@code _init} for {@code logits_init}
   */
  void compare(Network network, String when) {
    Tolerance tolerance = Tolerance.absolute(reference.tolerance("logits_abs"));
    try (Scope scope = Scope.open()) {
      Outputs outputs =
          network.forward(
              network.place(ReferenceCase.tensors(inputs, "step0.")), ForwardContext.inference());
      for (String name : expected.entries().keySet()) {
        if (!name.contains(".") && name.endsWith(when)) {
          Tensor actual = outputs.get(name.substring(0, name.length() - when.length()));
          comparison.tensor(name, actual, expected.tensor(name), tolerance);
        }
      }
    }
  }
}
