package dev.jlora.adapters;

import dev.jlora.io.FormatException;
import dev.jlora.io.SafetensorsFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of PEFT's {@code adapter_model.safetensors}: a prefix, the name of a parameter, and what
 * PEFT's wrappers put between. Versions of PEFT differ in whether the adapter's name is among it.
 */
final class AdapterKeys {
  static final String FILE = "adapter_model.safetensors";
  static final String PREFIX = "base_model.model.";

  private static final Pattern PAIR = Pattern.compile("(.*)(\\.lora_[AB])(\\.[^.]+)?\\.weight");
  private static final String SAVED = ".modules_to_save.";
  private static final String ORIGINAL = ".original_module.";
  private static final String BASE = ".base_layer.";

  private AdapterKeys() {}

  /**
   * What a key stands for.
   *
   * @param parameter the name of the parameter, without anything of PEFT's
   * @param repeated whether it repeats what another key says: the value inside a wrapper
   * @param original whether it is the untrained value, which nothing needs
   */
  record Key(String parameter, boolean repeated, boolean original) {}

  /**
   * Reads a key.
   *
   * @param known tells the names of parameters
   * @return empty if it names none
   */
  static Optional<Key> read(String key, Predicate<String> known) {
    if (!key.startsWith(PREFIX)) {
      return Optional.empty();
    }
    String name = key.substring(PREFIX.length()).replace(BASE, ".");
    Matcher pair = PAIR.matcher(name);
    String plain = pair.matches() ? pair.group(1) + pair.group(2) + ".weight" : name;
    if (known.test(plain)) {
      return Optional.of(new Key(plain, false, false));
    }
    if (name.contains(ORIGINAL)) {
      String inner = name.replace(ORIGINAL, ".");
      return known.test(inner) ? Optional.of(new Key(inner, true, true)) : Optional.empty();
    }
    for (String inner :
        new String[] {
          name.replace(SAVED, "."),
          name.replaceFirst("\\.modules_to_save\\.[^.]+\\.", "."),
          name.replaceFirst("\\.default(?=\\.)", "")
        }) {
      if (known.test(inner)) {
        return Optional.of(new Key(inner, true, false));
      }
    }
    return Optional.empty();
  }

  /** What a file calls the modules that have a pair. */
  static Set<String> pairs(Path folder) {
    Set<String> modules = new LinkedHashSet<>();
    try (SafetensorsFile file = open(folder)) {
      for (String key : file.entries().keySet()) {
        Matcher pair = PAIR.matcher(key);
        if (key.startsWith(PREFIX) && pair.matches()) {
          modules.add(pair.group(1).substring(PREFIX.length()));
        }
      }
    }
    return modules;
  }

  /**
   * Opens the weights of an adapter.
   *
   * @throws FormatException if they are not there, saying what to do where they are pickled
   */
  static SafetensorsFile open(Path folder) {
    Path pickled = folder.resolve("adapter_model.bin");
    if (!Files.exists(folder.resolve(FILE)) && Files.exists(pickled)) {
      throw new FormatException(
          pickled,
          "holds pickled weights, expected " + FILE + " beside it.",
          "Convert it once in Python: import torch, safetensors.torch as s;"
              + " s.save_file(torch.load('adapter_model.bin', weights_only=True), '"
              + FILE
              + "')");
    }
    return SafetensorsFile.open(folder.resolve(FILE));
  }
}
