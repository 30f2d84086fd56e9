package dev.jlora.engine.conformance;

import dev.jlora.engine.conformance.Comparison.Tolerance;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Several adapters in one network: compares the logits of a batch with an adapter per row, of each
 * adapter alone, and of the base.
 */
final class MixedCheck {
  private static final String BASE = "__base__";
  private static final String LOGITS = "logits";

  private final Plugins plugins;
  private final Device device;

  MixedCheck(Plugins plugins, Device device) {
    this.plugins = plugins;
    this.device = device;
  }

  CaseResult run(ReferenceCase reference) {
    Comparison comparison = new Comparison();
    Tolerance tolerance = Tolerance.absolute(reference.tolerance("logits_abs"));
    List<String> adapters = reference.about().texts("adapters");
    List<String> rows = reference.about().texts("rows");
    try (CaseModel model = CaseModel.load(plugins, reference, device);
        SafetensorsFile inputs = reference.inputs();
        SafetensorsFile expected = reference.expected();
        Scope scope = Scope.open()) {
      Network network = model.loaded().network();
      adapters.forEach(
          name -> AdapterLoader.attach(plugins, name, reference.adapter(name), model.loaded()));
      Map<String, Tensor> batch = network.place(ReferenceCase.tensors(inputs, ""));
      ReferenceCase.tensors(expected, "")
          .forEach(
              (name, tensor) -> {
                AdapterSelection selection = selection(name, rows, adapters);
                if (selection == null) {
                  comparison.problem(
                      "%s: an expectation of a kind this check does not know".formatted(name));
                } else {
                  ForwardContext pass = ForwardContext.inference().withAdapters(selection);
                  comparison.tensor(name, network.forward(batch, pass).logits(), tensor, tolerance);
                }
              });
    }
    return comparison.result(reference.name(), reference.kind());
  }

  private static AdapterSelection selection(
      String expectation, List<String> rows, List<String> adapters) {
    if (expectation.equals(LOGITS)) {
      return AdapterSelection.perRow(
          rows.stream().map(row -> row.equals(BASE) ? null : row).toArray(String[]::new));
    }
    if (!expectation.startsWith(LOGITS + ".")) {
      return null;
    }
    String name = expectation.substring(LOGITS.length() + 1);
    if (name.equals(BASE)) {
      return AdapterSelection.none();
    }
    return adapters.contains(name) ? AdapterSelection.of(name) : null;
  }
}
