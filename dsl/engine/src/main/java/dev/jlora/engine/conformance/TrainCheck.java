package dev.jlora.engine.conformance;

import dev.jlora.engine.conformance.Comparison.Tolerance;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.engine.steps.StepSettings;
import dev.jlora.engine.steps.Stepper;
import dev.jlora.host.Plugins;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Aliases;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.Outputs;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.spi.Step;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Trains an adapter by a case's recipe and compares everything: each step, weights, outputs. */
final class TrainCheck {
  /** A tensor whose gradient never exceeds this is zero in exact arithmetic. */
  private static final double NOISE = 1e-6;

  /**
   * The norm accumulates the deviations of all gradients; relative, since norms differ between
   * cases.
   */
  private static final double NORM_RELATIVE = 1e-4;

  private static final Tolerance EXACT = new Tolerance(1e-12, 1e-12);

  private final Plugins plugins;
  private final ReferenceCase reference;
  private final Device device;
  private final Comparison comparison = new Comparison();
  private final Set<String> noise = new HashSet<>();

  /** The names of this network's parameters, by their other names in a case. */
  private final Map<String, String> ownNames = new HashMap<>();

  TrainCheck(Plugins plugins, ReferenceCase reference, Device device) {
    this.plugins = plugins;
    this.reference = reference;
    this.device = device;
  }

  CaseResult run() {
    try (CaseModel model = CaseModel.load(plugins, reference, device);
        SafetensorsFile inputs = reference.inputs();
        SafetensorsFile expected = reference.expected();
        Scope scope = Scope.open()) {
      Network network = model.loaded().network();
      AdapterPlan plan = method().saved(network.plan(), reference.adapterInit());
      Adapter adapter = network.adapt(plan.read(network, reference.adapterInit()));
      List<Parameter> trained = adapter.parameters();
      Aliases aliases = network.architecture().aliases();
      network.parameters().forEach(p -> ownNames.put(aliases.of(p.name()), p.name()));
      trained.forEach(p -> ownNames.put(aliases.of(p.name()), p.name()));
      comparison.count(
          "trainable_parameters",
          plan.summary().trainable(),
          reference.about().integer("trainable_parameters"));
      comparison.count(
          "all_parameters", plan.summary().all(), reference.about().integer("all_parameters"));
      requireKnown(expected);
      outputs(network, inputs, expected, "_init");
      train(model, trained, inputs, expected);
      outputs(network, inputs, expected, "_final");
      savedAdapter(adapter);
      network.merge();
      outputs(network, inputs, expected, "_merged");
      mergedWeights(network, expected);
    }
    return comparison.result(reference.name(), reference.kind());
  }

  private AdapterMethod<?> method() {
    return AdapterLoader.method(plugins, reference.adapterInit().resolve(PeftConfig.FILE));
  }

  /** Checks that every expectation is compared below. */
  private void requireKnown(SafetensorsFile expected) {
    for (String name : expected.entries().keySet()) {
      boolean known =
          name.startsWith("grad0.")
              || name.startsWith("merged.")
              || (!name.contains(".") && name.matches("\\w+_(init|final|merged)"));
      if (!known) {
        comparison.problem("%s: an expectation of a kind this check does not know".formatted(name));
      }
    }
  }

  private void train(
      CaseModel model, List<Parameter> trained, SafetensorsFile inputs, SafetensorsFile expected) {
    CaseRecipe recipe = CaseRecipe.of(reference);
    double decay = recipe.optimizer().weightDecay();
    List<ParameterGroup> decayed = trained.stream().map(p -> new ParameterGroup(p, decay)).toList();
    Tolerance lossTolerance = Tolerance.absolute(reference.tolerance("loss_abs"));
    Tolerance normTolerance = new Tolerance(reference.tolerance("loss_abs"), NORM_RELATIVE);
    List<Double> losses = reference.numbers("losses");
    List<Double> norms = reference.numbers("grad_norms");
    List<Double> rates = reference.numbers("learning_rates");
    comparison.count("steps", losses.size(), recipe.steps());
    try (Optimizer optimizer = recipe.optimizer(plugins, decayed);
        Stepper stepper =
            new Stepper(
                model.loaded().network(),
                model.requireObjective(),
                trained,
                optimizer,
                recipe.schedule(plugins),
                new StepSettings(
                    recipe.learningRate(), recipe.maxGradientNorm(), 0, 0, false, true))) {
      stepper.begin(losses.size());
      for (int i = 0; i < losses.size(); i++) {
        boolean first = i == 0;
        Step step =
            stepper.step(
                microBatches(inputs, i * recipe.accumulation(), recipe.accumulation()),
                gradients -> {
                  if (first) {
                    firstGradients(trained, gradients, expected);
                  }
                });
        comparison.number("losses[%d]".formatted(i), step.loss(), losses.get(i), lossTolerance);
        comparison.number(
            "grad_norms[%d]".formatted(i), step.gradientNorm(), norms.get(i), normTolerance);
        comparison.number(
            "learning_rates[%d]".formatted(i), step.learningRate(), rates.get(i), EXACT);
      }
    }
  }

  private static List<Supplier<Map<String, Tensor>>> microBatches(
      SafetensorsFile inputs, int from, int count) {
    var batches = new ArrayList<Supplier<Map<String, Tensor>>>();
    for (int i = from; i < from + count; i++) {
      String prefix = "step%d.".formatted(i);
      batches.add(() -> ReferenceCase.tensors(inputs, prefix));
    }
    return batches;
  }

  /**
   * Compares the gradients of step 0 and records which are noise. The cases contain them as used by
   * the optimizer, after clipping: if the norm exceeded the limit, theirs is the limit.
   */
  private void firstGradients(
      List<Parameter> trained, List<Tensor> gradients, SafetensorsFile expected) {
    Map<String, Tensor> found = new HashMap<>();
    for (int i = 0; i < trained.size(); i++) {
      found.put(trained.get(i).name(), gradients.get(i));
    }
    Tolerance tolerance = Tolerance.absolute(reference.tolerance("grad_abs"));
    try (Scope scope = Scope.open()) {
      ReferenceCase.tensors(expected, "grad0.")
          .forEach(
              (name, tensor) -> {
                String ours = ours(name);
                Tensor actual = found.get(ours);
                if (actual == null) {
                  comparison.problem("grad0.%s: '%s' is not trained".formatted(name, ours));
                } else {
                  comparison.tensor("grad0." + name, actual, tensor, tolerance);
                }
                if (largest(tensor) <= NOISE) {
                  noise.add(ours);
                }
              });
      comparison.count(
          "trained tensors", found.size(), ReferenceCase.tensors(expected, "grad0.").size());
    }
  }

  /** jlora's name for PEFT's {@code name}. */
  private String ours(String name) {
    String plain = PeftNames.ours(name);
    return ownNames.getOrDefault(plain, plain);
  }

  private static double largest(Tensor tensor) {
    double largest = 0;
    for (double value : tensor.toDoubles()) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** The outputs for micro-batch 0 in eval mode: {@code logits_init} and the like. */
  private void outputs(
      Network network, SafetensorsFile inputs, SafetensorsFile expected, String when) {
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

  /** Saves the adapter as PEFT would and compares the files, name by name. */
  private void savedAdapter(Adapter adapter) {
    Path folder = temporaryFolder();
    try {
      adapter.save(folder);
      try (SafetensorsFile ours = SafetensorsFile.open(folder.resolve(AdapterKeys.FILE));
          SafetensorsFile peft =
              SafetensorsFile.open(
                  reference.folder().resolve("adapter_final").resolve(AdapterKeys.FILE));
          Scope scope = Scope.open()) {
        sameNames("adapter_final", ours.entries().keySet(), peft.entries().keySet());
        for (String name : peft.entries().keySet()) {
          if (ours.entries().containsKey(name) && !noise.contains(ours(name))) {
            comparison.tensor(
                "adapter_final." + name, ours.tensor(name), peft.tensor(name), weights());
          }
        }
      }
    } finally {
      delete(folder);
    }
  }

  private void sameNames(String what, Set<String> actual, Set<String> expected) {
    Set<String> missing = new TreeSet<>(expected);
    missing.removeAll(actual);
    Set<String> unexpected = new TreeSet<>(actual);
    unexpected.removeAll(expected);
    if (!missing.isEmpty() || !unexpected.isEmpty()) {
      comparison.problem("%s: missing %s, unexpected %s".formatted(what, missing, unexpected));
    }
  }

  private void mergedWeights(Network network, SafetensorsFile expected) {
    try (Scope scope = Scope.open()) {
      ReferenceCase.tensors(expected, "merged.")
          .forEach(
              (name, tensor) -> {
                String own = ours(network.architecture().tied().getOrDefault(name, name));
                if (!isNoise(own)) {
                  Tensor actual = network.parameter(own).value();
                  comparison.tensor("merged." + name, actual, tensor, weights());
                }
              });
    }
  }

  /** Whether a weight, or an adapter merged into it, was changed only by noise. */
  private boolean isNoise(String parameter) {
    String module = parameter.substring(0, Math.max(0, parameter.lastIndexOf('.')));
    return noise.contains(parameter)
        || (parameter.endsWith(".weight")
            && noise.stream().anyMatch(name -> name.startsWith(module + ".lora_")));
  }

  private Tolerance weights() {
    return Tolerance.absolute(reference.tolerance("weight_abs"));
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("jlora-conformance");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
