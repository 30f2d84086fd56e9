package dev.jlora.adapters.prompt;

import dev.jlora.io.FormatException;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.io.TensorFile;
import dev.jlora.model.Parameter;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * PEFT's file of an adapter with virtual tokens: {@code prompt_embeddings}, and saved modules as
 * {@code base_model.} and their name.
 */
final class PromptFile {
  /** The key of the virtual tokens. */
  static final String TOKENS = "prompt_embeddings";

  private static final String PREFIX = "base_model.";
  private static final String INNER = "model.";

  private final Map<String, Parameter> stored = new LinkedHashMap<>();

  /**
   * @param overrides the parameters of saved modules by name
   */
  PromptFile(PromptPlan<?> plan, Map<String, Parameter> overrides) {
    plan.saved().stored().forEach((name, of) -> stored.put(name, overrides.get(of)));
  }

  /** Writes the file atomically, keys sorted. */
  void write(Path folder, Tensor tokens) {
    Map<String, Tensor> tensors = new TreeMap<>();
    tensors.put(TOKENS, tokens);
    stored.forEach((name, parameter) -> tensors.put(PREFIX + name, parameter.value()));
    SafetensorsWriter.write(folder.resolve(AdapterKeys.FILE), tensors);
  }

  /**
   * Copies the values of a file.
   *
   * @param tokens receives the virtual tokens
   * @throws FormatException naming every tensor that is missing, has another shape or is not part
   *     of the adapter; then nothing was copied
   */
  void read(Path folder, Tensor tokens) {
    try (var _ = Scope.open();
        TensorFile file = AdapterKeys.open(folder)) {
      Map<String, Tensor> targets = new LinkedHashMap<>();
      List<String> problems = new ArrayList<>();
      for (String key : file.names()) {
        String name = name(key);
        if (key.equals(TOKENS)) {
          targets.put(key, tokens);
        } else if (stored.containsKey(name)) {
          targets.put(key, stored.get(name).own());
        } else if (!key.contains(".original_module.")) {
          problems.add(key + ": in the file, but not part of this adapter");
        }
      }
      if (!targets.containsKey(TOKENS)) {
        problems.add(TOKENS + ": not in the file");
      }
      stored.forEach(
          (name, parameter) -> {
            if (!targets.containsValue(parameter.value())) {
              problems.add(PREFIX + name + ": not in the file");
            }
          });
      targets.forEach((key, target) -> check(key, file.shape(key), target, problems));
      if (!problems.isEmpty()) {
        throw new FormatException(
            file.path(),
            "does not fit the model and the adapter's config:\n  " + String.join("\n  ", problems),
            "Load it on the base model it was trained on, with the adapter_config.json beside it.");
      }
      targets.forEach((key, target) -> target.copyFrom(file.tensor(key)));
    }
  }

  /** The name of a saved parameter; PEFT's keys may name its wrapper, and the adapter. */
  private static String name(String key) {
    String name = key.startsWith(PREFIX) ? key.substring(PREFIX.length()) : key;
    return (name.startsWith(INNER) && key.contains(".modules_to_save.")
            ? name.substring(INNER.length())
            : name)
        .replace(".modules_to_save.default.", ".")
        .replace(".modules_to_save.", ".");
  }

  private static void check(String key, List<Long> got, Tensor target, List<String> problems) {
    List<Long> expected = Arrays.stream(target.shape()).boxed().toList();
    if (!got.equals(expected)) {
      problems.add("%s: got shape %s, expected %s".formatted(key, got, expected));
    }
  }
}
