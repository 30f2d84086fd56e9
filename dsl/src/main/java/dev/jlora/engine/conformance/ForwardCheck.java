package dev.jlora.engine.conformance;

import dev.jlora.autograd.Tape;
import dev.jlora.engine.conformance.Comparison.Tolerance;
import dev.jlora.host.Plugins;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Outputs;
import dev.jlora.model.Pass;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.Map;

/** A forward pass in eval mode: every expected tensor must come out, the loss included. */
final class ForwardCheck {
  private final Plugins plugins;

  ForwardCheck(Plugins plugins) {
    this.plugins = plugins;
  }

  CaseResult run(ReferenceCase reference) {
    Comparison comparison = new Comparison();
    Tolerance tolerance = new Tolerance(reference.tolerance("abs"), reference.tolerance("rel"));
    try (CaseModel model = CaseModel.load(plugins, reference);
        SafetensorsFile inputs = reference.inputs();
        SafetensorsFile expected = reference.expected();
        Scope scope = Scope.open()) {
      Map<String, Tensor> batch = ReferenceCase.tensors(inputs, "");
      Outputs outputs =
          model.loaded().network().forward(batch, Pass.inference().withHiddenStates());
      ReferenceCase.tensors(expected, "")
          .forEach(
              (name, tensor) -> {
                Tensor actual =
                    name.equals("loss")
                        ? model.requireObjective().loss(Tape.off(), outputs, batch, 0)
                        : outputs.find(name);
                if (actual == null) {
                  comparison.problem(
                      "%s: the model gives %s".formatted(name, outputs.tensors().keySet()));
                } else {
                  comparison.tensor(name, actual, tensor, tolerance);
                }
              });
    }
    return comparison.result(reference.name(), reference.kind());
  }
}
