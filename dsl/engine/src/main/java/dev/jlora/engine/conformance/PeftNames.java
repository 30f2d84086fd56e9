package dev.jlora.engine.conformance;

import dev.jlora.model.Aliases;
import dev.jlora.model.Parameter;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Converts the parameter names of a case to those of a network and its adapter. PEFT's names have a
 * prefix, the names of its wrappers ({@code base_layer}, {@code modules_to_save}) and the adapter's
 * name; the keys of its files leave out some of these.
 */
final class PeftNames {
  private static final List<String> PREFIXES = List.of("base_model.model.", "base_model.", "");

  /** Virtual tokens: their name in a model, and their key in a file. */
  private static final String PROMPT = "prompt_encoder.embedding.weight";

  private static final String PROMPT_KEY = "prompt_embeddings";

  private final Map<String, String> known = new HashMap<>();

  PeftNames(Network network, Adapter adapter) {
    Aliases aliases = network.architecture().aliases();
    network.parameters().forEach(parameter -> add(parameter, aliases));
    network.architecture().tied().keySet().forEach(name -> known.put(name, name));
    adapter.shared().forEach(parameter -> add(parameter, aliases));
    adapter
        .layers()
        .values()
        .forEach(layer -> layer.parameters().forEach(parameter -> add(parameter, aliases)));
    adapter.parameters().forEach(parameter -> add(parameter, aliases));
  }

  private void add(Parameter parameter, Aliases aliases) {
    known.put(aliases.of(parameter.name()), parameter.name());
    known.put(parameter.name(), parameter.name());
  }

  /** Whether PEFT's {@code name} is the value inside a wrapper that a trained one replaces. */
  static boolean original(String name) {
    return name.contains(".original_module.");
  }

  /**
   * The name of a parameter; for names of other things, {@code name} without prefix and wrappers.
   */
  String ours(String name) {
    String first = null;
    for (String prefix : PREFIXES) {
      if (name.startsWith(prefix)) {
        for (String candidate : plain(name.substring(prefix.length()))) {
          if (known.containsKey(candidate)) {
            return known.get(candidate);
          }
          first = first == null ? candidate : first;
        }
      }
    }
    return first;
  }

  private static List<String> plain(String name) {
    String plain =
        name.replace(".modules_to_save.", ".")
            .replace(".original_module.", ".")
            .replace(".base_layer.", ".")
            .replace(".ln_tuning_layers.", ".")
            .replaceFirst("\\.default(?=\\.|$)", "");
    return List.of(
        plain,
        plain.endsWith(".weight") ? plain.substring(0, plain.lastIndexOf('.')) : plain,
        plain.equals(PROMPT) ? PROMPT_KEY : plain,
        plain.equals(PROMPT_KEY) ? PROMPT : plain);
  }
}
