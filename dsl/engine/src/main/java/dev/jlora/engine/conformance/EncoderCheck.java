package dev.jlora.engine.conformance;

import dev.jlora.autograd.Gradients;
import dev.jlora.autograd.Tape;
import dev.jlora.engine.conformance.Comparison.Tolerance;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.ops.Ops;
import dev.jlora.ops.Reduce;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A training case of a method whose files have the virtual tokens that an encoder computed, but not
 * the encoder (P-tuning, projected prefixes): its training cannot be repeated. Compares what the
 * files determine: the outputs before and after training, the first loss, the first gradients of
 * the modules that are trained with the encoder and of its last bias, and the saved file.
 */
final class EncoderCheck {
  private static final String LAST = "prompt_encoder.default.";

  private final Plugins plugins;
  private final ReferenceCase reference;
  private final Comparison comparison;

  EncoderCheck(Plugins plugins, ReferenceCase reference, Comparison comparison) {
    this.plugins = plugins;
    this.reference = reference;
    this.comparison = comparison;
  }

  /**
   * @param adapter that of {@code adapter_init}, which the network has selected
   */
  void run(
      CaseModel model,
      Adapter adapter,
      PeftNames names,
      SafetensorsFile inputs,
      SafetensorsFile expected) {
    CaseOutputs outputs = new CaseOutputs(reference, comparison, inputs, expected);
    Network network = model.loaded().network();
    outputs.compare(network, "_init");
    firstStep(model, adapter, names, inputs, expected);
    Path trained = reference.folder().resolve("adapter_final");
    AdapterLoader.attach(plugins, "final", trained, model.loaded());
    network.select(AdapterSelection.of("final"));
    outputs.compare(network, "_final");
    savedFile(network.adapter("final"), trained);
  }

  /** The gradients are clipped by the norm of all of them, including the encoder's. */
  private void firstStep(
      CaseModel model,
      Adapter adapter,
      PeftNames names,
      SafetensorsFile inputs,
      SafetensorsFile expected) {
    double norm = reference.numbers("grad_norms").getFirst();
    double scale = Math.min(1, CaseRecipe.of(reference).maxGradientNorm() / (norm + 1e-6));
    Network network = model.loaded().network();
    try (Scope scope = Scope.open();
        Tape tape = Tape.recording()) {
      ForwardContext pass = ForwardContext.recording(tape);
      var outputs = network.forward(network.place(ReferenceCase.tensors(inputs, "step0.")), pass);
      Tensor loss = model.requireObjective().loss(tape, outputs, pass.inputs(), 0);
      comparison.number(
          "losses[0]",
          loss.item(),
          reference.numbers("losses").getFirst(),
          Tolerance.absolute(reference.tolerance("loss_abs")));
      Map<String, Tensor> found = new HashMap<>();
      try (Gradients gradients = tape.backward(loss)) {
        for (Parameter parameter : adapter.parameters()) {
          Tensor gradient = gradients.of(parameter.value());
          found.put(parameter.name(), scope.adopt(Ops.mul(gradient, scale)));
        }
      }
      gradients(adapter, found, names, expected);
    }
  }

  private void gradients(
      Adapter adapter, Map<String, Tensor> found, PeftNames names, SafetensorsFile expected) {
    Tolerance tolerance = Tolerance.absolute(reference.tolerance("grad_abs"));
    String virtual = adapter.shared().getFirst().name();
    String last = "";
    for (String name : expected.entries().keySet()) {
      if (!name.startsWith("grad0.")) {
        continue;
      }
      String peft = name.substring("grad0.".length());
      if (!peft.startsWith(LAST)) {
        Tensor actual = found.get(names.ours(peft));
        if (actual == null) {
          comparison.problem("%s: '%s' is not trained".formatted(name, names.ours(peft)));
        } else {
          comparison.tensor(name, actual, expected.tensor(name), tolerance);
        }
      } else if (peft.endsWith(".bias") && peft.compareTo(last) > 0) {
        last = peft; // layers are numbered: the output layer is the last
      }
    }
    comparison.tensor(
        "grad0." + last,
        Reduce.sum(found.get(virtual), false, 0),
        expected.tensor("grad0." + last),
        tolerance);
  }

  /** Saving what was read writes the same tensors. */
  private void savedFile(Adapter adapter, Path trained) {
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      adapter.save(folder.path());
      try (SafetensorsFile ours = SafetensorsFile.open(folder.path().resolve(AdapterKeys.FILE));
          SafetensorsFile peft = SafetensorsFile.open(trained.resolve(AdapterKeys.FILE));
          Scope scope = Scope.open()) {
        if (!ours.entries().keySet().equals(peft.entries().keySet())) {
          comparison.problem(
              "adapter_final: wrote %s, expected %s"
                  .formatted(ours.entries().keySet(), peft.entries().keySet()));
          return;
        }
        for (String name : peft.entries().keySet()) {
          comparison.tensor(
              "adapter_final." + name,
              ours.tensor(name),
              peft.tensor(name),
              Tolerance.absolute(reference.tolerance("weight_abs")));
        }
      }
    }
  }
}
