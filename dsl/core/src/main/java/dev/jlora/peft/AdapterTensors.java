package dev.jlora.peft;

import dev.jlora.io.SafetensorsWriter;
import dev.jlora.io.TensorFile;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.spec.Bias;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * PEFT's {@code adapter_model.safetensors}: the mapping from keys to parameters. Keys do not
 * contain the adapter's name. If modules have two names, parameters are written under both, so that
 * PEFT finds them with older and newer versions of transformers; files with either are read.
 */
final class AdapterTensors {
  private final Network network;
  private final TargetedPlan<?> plan;
  private final Map<String, Parameter> overrides;
  private final Scope scope;
  private final AdapterKeys keys;
  private final List<Stored> stored = new ArrayList<>();

  /**
   * A tensor and a name that it may have in a file; of several, the first is preferred.
   *
   * @param name the model's own name, without a prefix
   */
  record Stored(String name, StoredTensor tensor) {
    static Stored of(String name, Parameter parameter) {
      return new Stored(name, StoredTensor.of(parameter));
    }
  }

  /**
   * @param own the parameters of each target, by its path
   * @param overrides what the adapter trains in place of the base's; reading adds base weights that
   *     the file contains
   * @param scope owns what reading adds
   */
  AdapterTensors(
      Network network,
      TargetedPlan<?> plan,
      Map<String, OwnParameters> own,
      AdapterState state,
      Map<String, Parameter> shared,
      Map<String, Parameter> overrides,
      Scope scope) {
    this.network = network;
    this.plan = plan;
    this.overrides = overrides;
    this.scope = scope;
    this.keys = plan.method().traits().keys();
    plan.shared().stream()
        .filter(OwnParameter::saved)
        .forEach(it -> stored.add(Stored.of(it.name(), shared.get(it.name()))));
    for (AdapterTarget target : plan.everywhere()) {
      for (StoredTensor tensor : state.stored(target, own.get(target.path()))) {
        stored.add(new Stored(tensor.name(), tensor));
      }
    }
    plan.saved().stored().forEach((name, of) -> stored.add(Stored.of(name, overrides.get(of))));
    plan.biases().forEach(name -> stored.add(Stored.of(name, overrides.get(name))));
    plan.model()
        .architecture()
        .tied()
        .forEach(
            (name, of) -> {
              if (plan.biases().contains(of)) {
                stored.add(Stored.of(name, overrides.get(of)));
              }
            });
  }

  /** Everything that is stored, with its names. */
  List<Stored> stored() {
    return stored;
  }

  /** Writes the adapter atomically, keys sorted. */
  void write(Path folder) {
    try (var _ = Scope.open()) {
      Map<String, Tensor> tensors = new TreeMap<>(wrapperBiases());
      for (String module : new StoredEmbeddings(plan).modules()) {
        for (String name : plan.model().parametersOf(module)) {
          Tensor value = network.parameter(name).loaded();
          keys(withWrapper(name)).forEach(key -> tensors.put(key, value));
        }
      }
      for (Stored one : stored) {
        Tensor value = one.tensor().value();
        keys(withWrapper(one.name())).forEach(key -> tensors.put(key, value));
      }
      SafetensorsWriter.write(folder.resolve(AdapterKeys.FILE), tensors);
    }
  }

  /** The keys for a name: one, or two if its module has two names. */
  private List<String> keys(String name) {
    String other = plan.names().other(name);
    List<String> keys = new ArrayList<>();
    if (!plan.names().othersOnly()) {
      keys.add(this.keys.of(name));
    }
    if (plan.names().othersOnly() || !other.equals(name)) {
      keys.add(this.keys.of(other));
    }
    return keys;
  }

  /** A base weight of an adapted module is one level deeper: PEFT wraps the layer. */
  private String withWrapper(String name) {
    int dot = name.lastIndexOf('.');
    String module = name.substring(0, Math.max(0, dot));
    boolean base = name.endsWith(".bias") || name.endsWith(".weight");
    boolean adapted =
        base && plan.targets().stream().anyMatch(target -> target.path().equals(module));
    return adapted ? module + ".base_layer" + name.substring(dot) : name;
  }

  /**
   * With {@code bias: all} PEFT also writes the biases of saved modules under the names of its
   * wrapper, trained and original. They are redundant, and reading ignores them.
   */
  private Map<String, Tensor> wrapperBiases() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    if (plan.spec().bias() != Bias.ALL) {
      return tensors;
    }
    for (String module : plan.saved().paths()) {
      for (String name : plan.model().parametersOf(module)) {
        String inner = name.substring(module.length() + 1);
        if (inner.contains("bias")) {
          String adapter = inner.contains(".") ? "default." : ""; // PEFT leaves it in deeper names
          keys(module + ".modules_to_save." + adapter + inner)
              .forEach(key -> tensors.put(key, overrides.get(name).value()));
          keys(module + ".original_module." + inner)
              .forEach(key -> tensors.put(key, network.parameter(name).loaded()));
        }
      }
    }
    return tensors;
  }

  /**
   * Copies the values of a file into the parameters.
   *
   * @throws dev.jlora.io.FormatException naming every tensor that is missing, has another shape or
   *     is not part of the adapter
   */
  void read(Path folder) {
    try (var _ = Scope.open();
        TensorFile file = AdapterKeys.open(folder)) {
      AdapterMatch match = AdapterMatch.of(plan, stored, file);
      match.trained().forEach((stored, key) -> stored.read(file.tensor(key)));
      stored.addAll(new BaseWeights(network, plan, overrides, scope).read(file, match.base()));
    }
  }
}
