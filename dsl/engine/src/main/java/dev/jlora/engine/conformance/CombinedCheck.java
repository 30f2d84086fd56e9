package dev.jlora.engine.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.engine.adapters.AdapterCombiner;
import dev.jlora.engine.adapters.AdapterCombiner.Weighted;
import dev.jlora.engine.conformance.Comparison.Tolerance;
import dev.jlora.host.Plugins;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.spec.CombinationSpec;
import dev.jlora.spec.CombinationSpec.MajoritySign;
import dev.jlora.spec.CombinationType;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Combinations of adapters: compares the logits with each, and its update of each module. The
 * numbers are PEFT's, so that its errors of scaling are reproduced.
 */
final class CombinedCheck {
  private static final Set<String> ARGUMENTS =
      Set.of(
          "adapters",
          "weights",
          "combination_type",
          "svd_rank",
          "svd_clamp",
          "svd_full_matrices",
          "svd_driver",
          "density",
          "majority_sign_method");

  private final Plugins plugins;
  private final Device device;

  CombinedCheck(Plugins plugins, Device device) {
    this.plugins = plugins;
    this.device = device;
  }

  CaseResult run(ReferenceCase reference) {
    Comparison comparison = new Comparison();
    try (CaseModel model = CaseModel.load(plugins, reference, device);
        SafetensorsFile inputs = reference.inputs();
        SafetensorsFile expected = reference.expected();
        Scope scope = Scope.open()) {
      Network network = model.loaded().network();
      Set<String> left = new HashSet<>(expected.entries().keySet());
      JsonNode combinations = reference.about().json().path("combinations");
      for (String name : (Iterable<String>) combinations::fieldNames) {
        Adapter adapter = combined(network, reference, combinations.get(name));
        network.attach(name, adapter);
        logits(network, name, reference, inputs, expected, comparison);
        left.remove("logits." + name);
        String prefix = "delta.%s.".formatted(name);
        ReferenceCase.tensors(expected, prefix)
            .forEach(
                (path, tensor) -> {
                  delta(network, adapter, path, prefix, tensor, reference, comparison);
                  left.remove(prefix + path);
                });
        comparison.count(
            "modules of " + name,
            adapter.layers().size(),
            ReferenceCase.tensors(expected, prefix).size());
      }
      left.forEach(
          name ->
              comparison.problem(
                  "%s: an expectation of a kind this check does not know".formatted(name)));
    }
    return comparison.result(reference.name(), reference.kind());
  }

  private Adapter combined(Network network, ReferenceCase reference, JsonNode arguments) {
    arguments
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!ARGUMENTS.contains(key)) {
                throw new IllegalArgumentException("unknown argument of a combination: " + key);
              }
            });
    List<Weighted> parts = new ArrayList<>();
    for (int i = 0; i < arguments.path("adapters").size(); i++) {
      parts.add(
          new Weighted(
              reference.adapter(arguments.path("adapters").get(i).asText()),
              arguments.path("weights").get(i).doubleValue()));
    }
    return new AdapterCombiner(plugins).combine(network, parts, spec(arguments)).adapter();
  }

  private static CombinationSpec spec(JsonNode arguments) {
    CombinationType type =
        CombinationType.of(arguments.path("combination_type").asText(CombinationType.SVD.text()));
    String sign = arguments.path("majority_sign_method").asText("total");
    return new CombinationSpec(
        type,
        arguments.hasNonNull("svd_rank") ? arguments.get("svd_rank").intValue() : null,
        arguments.hasNonNull("svd_clamp") ? arguments.get("svd_clamp").doubleValue() : null,
        arguments.hasNonNull("density") ? arguments.get("density").doubleValue() : null,
        MajoritySign.valueOf(sign.toUpperCase(Locale.ROOT)),
        /* seed= */ 0,
        /* combineHeads= */ false,
        /* peftScaling= */ true);
  }

  private static void logits(
      Network network,
      String name,
      ReferenceCase reference,
      SafetensorsFile inputs,
      SafetensorsFile expected,
      Comparison comparison) {
    Tolerance tolerance = Tolerance.absolute(reference.tolerance("logits_abs"));
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> batch = network.place(ReferenceCase.tensors(inputs, ""));
      ForwardContext pass = ForwardContext.inference().withAdapters(AdapterSelection.of(name));
      comparison.tensor(
          "logits." + name,
          network.forward(batch, pass).logits(),
          expected.tensor("logits." + name),
          tolerance);
    }
  }

  /** The update of a module's weight: what merging the layer into zeros gives. */
  private static void delta(
      Network network,
      Adapter adapter,
      String path,
      String prefix,
      Tensor expected,
      ReferenceCase reference,
      Comparison comparison) {
    if (!adapter.layers().containsKey(path)) {
      comparison.problem("%s%s: the combination has no such module".formatted(prefix, path));
      return;
    }
    try (Scope scope = Scope.open()) {
      Tensor zeros = Tensor.zerosLike(network.adaptables().get(path).weight().value());
      comparison.tensor(
          prefix + path,
          adapter.layers().get(path).merged(zeros),
          expected,
          Tolerance.absolute(reference.tolerance("delta_abs")));
    }
  }
}
