package dev.jlora.engine.conformance;

import dev.jlora.engine.conformance.Comparison.Tolerance;
import dev.jlora.engine.steps.StepSettings;
import dev.jlora.engine.steps.Stepper;
import dev.jlora.host.Plugins;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.spi.AdapterSummary;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.spi.Step;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
      StartingAdapter start = StartingAdapter.read(plugins, reference, network);
      Adapter adapter = start.adapter();
      PeftNames names = new PeftNames(network, adapter);
      counts(start.plan().summary());
      boolean mergeable = reference.about().flag("mergeable", true);
      requireKnown(expected, mergeable);
      if (!start.plan().trainsFurther()) {
        new EncoderCheck(plugins, reference, comparison)
            .run(model, adapter, names, inputs, expected);
        return comparison.result(reference.name(), reference.kind());
      }
      CaseOutputs outputs = new CaseOutputs(reference, comparison, inputs, expected);
      outputs.compare(network, "_init");
      train(model, adapter, names, inputs, expected);
      outputs.compare(network, "_final");
      savedAdapter(adapter, names);
      if (mergeable) {
        network.merge();
        outputs.compare(network, "_merged");
        mergedWeights(network, adapter, names, expected);
      }
    }
    return comparison.result(reference.name(), reference.kind());
  }

  private void counts(AdapterSummary summary) {
    comparison.count(
        "trainable_parameters",
        summary.trainable(),
        reference.about().integer("trainable_parameters"));
    comparison.count("all_parameters", summary.all(), reference.about().integer("all_parameters"));
  }

  /** Checks that every expectation is compared below. */
  private void requireKnown(SafetensorsFile expected, boolean mergeable) {
    for (String name : expected.entries().keySet()) {
      boolean known =
          name.startsWith("grad0.")
              || (mergeable && (name.startsWith("merged.") || name.matches("\\w+_merged")))
              || name.matches("\\w+_(init|final)");
      if (!known) {
        comparison.problem("%s: an expectation of a kind this check does not know".formatted(name));
      }
    }
  }

  private void train(
      CaseModel model,
      Adapter adapter,
      PeftNames names,
      SafetensorsFile inputs,
      SafetensorsFile expected) {
    CaseRecipe recipe = CaseRecipe.of(reference);
    OptimizerFactory factory = plugins.optimizers().get(recipe.optimizer().name());
    factory.frozen(adapter.pairs()).forEach(parameter -> parameter.trainable(false));
    List<Parameter> trained = adapter.parameters();
    List<ParameterGroup> groups = ParameterGroup.of(trained, adapter.pairs(), recipe.optimizer());
    Tolerance lossTolerance = Tolerance.absolute(reference.tolerance("loss_abs"));
    Tolerance normTolerance = new Tolerance(reference.tolerance("loss_abs"), NORM_RELATIVE);
    List<Double> losses = reference.numbers("losses");
    List<Double> norms = reference.numbers("grad_norms");
    List<List<Double>> rates = recipe.learningRates();
    comparison.count("steps", losses.size(), recipe.steps());
    try (Optimizer optimizer = factory.create(groups, recipe.optimizer());
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
                    firstGradients(trained, gradients, names, expected);
                  }
                });
        comparison.number("losses[%d]".formatted(i), step.loss(), losses.get(i), lossTolerance);
        comparison.number(
            "grad_norms[%d]".formatted(i), step.gradientNorm(), norms.get(i), normTolerance);
        rates(i, optimizer.learningRates(step.learningRate()), rates.get(i));
      }
    }
  }

  /** Compares the learning rates of the optimizer's groups in a step. */
  private void rates(int step, List<Double> actual, List<Double> expected) {
    comparison.count(
        "groups of learning_rates[%d]".formatted(step), actual.size(), expected.size());
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      String name = "learning_rates[%d][%d]".formatted(step, i);
      comparison.number(name, actual.get(i), expected.get(i), EXACT);
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
      List<Parameter> trained,
      List<@Nullable Tensor> gradients,
      PeftNames names,
      SafetensorsFile expected) {
    Map<String, Tensor> found = new HashMap<>();
    for (int i = 0; i < trained.size(); i++) {
      found.put(trained.get(i).name(), gradients.get(i));
    }
    Tolerance tolerance = Tolerance.absolute(reference.tolerance("grad_abs"));
    try (Scope scope = Scope.open()) {
      ReferenceCase.tensors(expected, "grad0.")
          .forEach(
              (name, tensor) -> {
                String ours = names.ours(name);
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

  private static double largest(Tensor tensor) {
    double largest = 0;
    for (double value : tensor.toDoubles()) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** Saves the adapter as PEFT would and compares the files, name by name. */
  private void savedAdapter(Adapter adapter, PeftNames names) {
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      adapter.save(folder.path());
      try (SafetensorsFile ours = SafetensorsFile.open(folder.path().resolve(AdapterKeys.FILE));
          SafetensorsFile peft =
              SafetensorsFile.open(
                  reference.folder().resolve("adapter_final").resolve(AdapterKeys.FILE));
          Scope scope = Scope.open()) {
        sameNames("adapter_final", ours.entries().keySet(), peft.entries().keySet());
        for (String name : peft.entries().keySet()) {
          if (ours.entries().containsKey(name) && !noise.contains(names.ours(name))) {
            comparison.tensor(
                "adapter_final." + name, ours.tensor(name), peft.tensor(name), weights());
          }
        }
      }
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

  private void mergedWeights(
      Network network, Adapter adapter, PeftNames names, SafetensorsFile expected) {
    Set<String> unknown = noisyWeights(network, adapter);
    try (Scope scope = Scope.open()) {
      ReferenceCase.tensors(expected, "merged.")
          .forEach(
              (name, tensor) -> {
                String own = names.ours(network.architecture().tied().getOrDefault(name, name));
                Parameter parameter = network.parameter(own);
                if (PeftNames.original(name)) {
                  comparison.tensor("merged." + name, parameter.loaded(), tensor, weights());
                } else if (!unknown.contains(own)) {
                  comparison.tensor("merged." + name, parameter.value(), tensor, weights());
                }
              });
    }
  }

  /** The weights that were trained by noise, or have an adapter with such a parameter merged. */
  private Set<String> noisyWeights(Network network, Adapter adapter) {
    Set<String> names = new HashSet<>(noise);
    adapter
        .layers()
        .forEach(
            (path, layer) -> {
              if (layer.parameters().stream().map(Parameter::name).anyMatch(noise::contains)) {
                names.add(network.adaptables().get(path).weight().name());
              }
            });
    return names;
  }

  private Tolerance weights() {
    return Tolerance.absolute(reference.tolerance("weight_abs"));
  }
}
