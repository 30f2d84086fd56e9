package dev.jlora.adapters;

import dev.jlora.io.FormatException;
import dev.jlora.io.Names;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.Aliases;
import dev.jlora.model.Network;
import dev.jlora.model.Parameter;
import dev.jlora.spec.Bias;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * PEFT's {@code adapter_model.safetensors}: which key holds which parameter. The adapter's name
 * appears in no key. Modules have the names that the targets are written in; a file with the
 * model's other names is read as well.
 */
final class AdapterTensors {
  static final String FILE = "adapter_model.safetensors";
  private static final String PREFIX = "base_model.model.";

  private final Network network;
  private final LoraPlan plan;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  AdapterTensors(Network network, LoraPlan plan) {
    this.network = network;
    this.plan = plan;
    for (LoraTarget target : plan.targets()) {
      for (Parameter parameter : network.adaptables().get(target.path()).adapter().parameters()) {
        parameters.put(key(parameter.name()), parameter);
      }
    }
    plan.savedParameters().forEach(name -> parameters.put(key(name), network.parameter(name)));
    plan.biases().forEach(name -> parameters.put(biasKey(name), network.parameter(name)));
  }

  private String key(String name) {
    return PREFIX + plan.naming().of(name);
  }

  /** A bias of an adapted module lies one level deeper: PEFT wraps the layer. */
  private String biasKey(String name) {
    String module = name.substring(0, name.length() - ".bias".length());
    boolean adapted = plan.targets().stream().anyMatch(target -> target.path().equals(module));
    return key(adapted ? module + ".base_layer.bias" : name);
  }

  /** Writes the adapter, keys sorted, whole or not at all. */
  void write(Path folder) {
    Map<String, Tensor> tensors = new TreeMap<>(wrapperBiases());
    parameters.forEach((key, parameter) -> tensors.put(key, parameter.value()));
    SafetensorsWriter.write(folder.resolve(FILE), tensors);
  }

  /**
   * With {@code bias: all} PEFT also writes the biases of saved modules under the names that its
   * wrapper gives them, trained and original. They repeat what is known, and reading passes over
   * them.
   */
  private Map<String, Tensor> wrapperBiases() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    if (plan.spec().bias() != Bias.ALL) {
      return tensors;
    }
    for (String module : plan.savedModules()) {
      for (String name : plan.model().parametersOf(module)) {
        String inner = name.substring(module.length() + 1);
        if (inner.contains("bias")) {
          Parameter bias = network.parameter(name);
          tensors.put(PREFIX + module + ".modules_to_save." + inner, bias.value());
          tensors.put(PREFIX + module + ".original_module." + inner, bias.loaded());
        }
      }
    }
    return tensors;
  }

  /**
   * Copies the values of a file into the parameters.
   *
   * @throws FormatException naming every tensor that is missing, misshapen or not part of the
   *     adapter
   */
  void read(Path folder) {
    try (var _ = Scope.open();
        SafetensorsFile file = SafetensorsFile.open(folder.resolve(FILE))) {
      Map<String, Parameter> wanted = named(file);
      check(file, wanted);
      wanted.forEach((key, parameter) -> parameter.own().copyFrom(file.tensor(key)));
    }
  }

  /** The parameters under the keys that the file has for them: ours, or those of other names. */
  private Map<String, Parameter> named(SafetensorsFile file) {
    Aliases aliases = plan.model().architecture().aliases();
    Map<String, String> others = new HashMap<>();
    file.entries().keySet().forEach(key -> others.putIfAbsent(aliases.of(key), key));
    Map<String, Parameter> named = new LinkedHashMap<>();
    parameters.forEach(
        (key, parameter) -> {
          String other = others.getOrDefault(aliases.of(key), key);
          named.put(file.entries().containsKey(key) ? key : other, parameter);
        });
    return named;
  }

  private void check(SafetensorsFile file, Map<String, Parameter> wanted) {
    List<String> problems = new ArrayList<>();
    Set<String> left = new LinkedHashSet<>(file.entries().keySet());
    left.removeAll(wrapperBiasKeys());
    left.removeAll(wanted.keySet());
    wanted.forEach(
        (key, parameter) -> {
          SafetensorsFile.Entry entry = file.entries().get(key);
          if (entry == null) {
            String near = left.isEmpty() ? "" : " (nearest: " + Names.some(left, key) + ")";
            problems.add(key + ": not in the file" + near);
          } else if (!entry.shape().equals(parameter.shape())) {
            problems.add(misshapen(key, entry.shape(), parameter.shape()));
          }
        });
    left.forEach(key -> problems.add(key + ": in the file, but not part of this adapter"));
    if (!problems.isEmpty()) {
      throw new FormatException(
          file.path(),
          "does not fit the model and the adapter's config:\n  " + String.join("\n  ", problems),
          "Load it on the base model it was trained on, with the adapter_config.json beside it.");
    }
  }

  private Set<String> wrapperBiasKeys() {
    try (var _ = Scope.open()) {
      return wrapperBiases().keySet();
    }
  }

  private static String misshapen(String key, List<Long> got, List<Long> expected) {
    String text = "%s: got shape %s, expected %s".formatted(key, got, expected);
    int rank = key.endsWith(".lora_A.weight") ? 0 : key.endsWith(".lora_B.weight") ? 1 : -1;
    boolean onlyRankDiffers =
        rank >= 0 && got.size() == 2 && got.get(1 - rank).equals(expected.get(1 - rank));
    return onlyRankDiffers
        ? text
            + "; the file was trained with rank %d and is read as rank %d"
                .formatted(got.get(rank), expected.get(rank))
        : text;
  }
}
