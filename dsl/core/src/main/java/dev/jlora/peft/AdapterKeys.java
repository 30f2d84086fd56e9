package dev.jlora.peft;

import dev.jlora.io.FormatException;
import dev.jlora.io.PickledTensors;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The keys of PEFT's {@code adapter_model.safetensors}, or {@code adapter_model.bin}: a prefix and
 * the name of a parameter, with the names of PEFT's wrappers in between. Some versions of PEFT
 * include the adapter's name.
 */
public final class AdapterKeys {
  /** The file's name. */
  public static final String FILE = "adapter_model.safetensors";

  private static final String PICKLED = "adapter_model.bin";

  /** The prefix of the keys of all module parameters. */
  public static final String PREFIX = "base_model.model.";

  private static final String SHARED_PREFIX = "base_model.";

  private static final String SAVED = ".modules_to_save.";
  private static final String ORIGINAL = ".original_module.";
  private static final String BASE = ".base_layer.";

  private final Map<Pattern, String> own = new LinkedHashMap<>();
  private final List<String> shared;

  /**
   * The keys of a method.
   *
   * @param names names of its parameters relative to a module: {@code lora_A.weight}, {@code
   *     lora_B.weight}
   * @param shared names of parameters that all targets share: {@code vera_A}
   */
  AdapterKeys(Collection<String> names, Collection<String> shared) {
    this.shared = List.copyOf(shared);
    for (String name : names) {
      int dot = name.indexOf('.');
      String first = dot < 0 ? name : name.substring(0, dot);
      String rest = name.substring(first.length());
      own.put(
          Pattern.compile(
              "(.*)\\.%s(\\.[^.]+)?%s(\\.[^.]+)?"
                  .formatted(Pattern.quote(first), Pattern.quote(rest))),
          "." + name);
    }
  }

  /**
   * A parsed key.
   *
   * @param parameter the name of the parameter, without PEFT's additions
   * @param repeated whether it duplicates another key: the value inside a wrapper
   * @param original whether it is the untrained value, which is not needed
   */
  record Key(String parameter, boolean repeated, boolean original) {}

  /** The key of a parameter that has this name in the model, or of a shared one. */
  String of(String name) {
    return (shared.contains(name) ? SHARED_PREFIX : PREFIX) + name;
  }

  /**
   * Parses a key.
   *
   * @param known accepts the names of parameters
   * @return empty if it names none
   */
  Optional<Key> read(String key, Predicate<String> known) {
    if (!key.startsWith(PREFIX)) {
      return shared.stream()
          .filter(name -> key.equals(SHARED_PREFIX + name))
          .map(name -> new Key(name, false, false))
          .findFirst();
    }
    String name = key.substring(PREFIX.length()).replace(BASE, ".");
    Own found = own(name);
    String plain = found == null ? name : found.module() + found.name();
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

  /** A parameter of the method: its module, and its name relative to the module. */
  private record Own(String module, String name) {}

  /**
   * A name, from which the adapter's name is removed; null if it is not one of the method's
   * parameters.
   */
  private @Nullable Own own(String name) {
    for (Map.Entry<Pattern, String> entry : own.entrySet()) {
      Matcher matcher = entry.getKey().matcher(name);
      if (matcher.matches()) {
        return new Own(matcher.group(1), entry.getValue());
      }
    }
    return null;
  }

  /** The names of the adapted modules in the file of a folder. */
  Set<String> modules(Path folder) {
    Set<String> modules = new LinkedHashSet<>();
    try (TensorFile file = open(folder)) {
      for (String key : file.names()) {
        Own found = key.startsWith(PREFIX) ? own(key.substring(PREFIX.length())) : null;
        if (found != null) {
          modules.add(found.module());
        }
      }
    }
    return modules;
  }

  /** The weights of an adapter's folder: the file that PEFT prefers, or none. */
  public static Optional<Path> weights(Path folder) {
    return Stream.of(FILE, PICKLED).map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }

  /**
   * Opens the weights of an adapter: safetensors, or those that older versions of PEFT pickled.
   *
   * @throws FormatException if there are none, or they are damaged
   */
  public static TensorFile open(Path folder) {
    Path weights = weights(folder).orElse(folder.resolve(FILE));
    return weights.endsWith(PICKLED) ? PickledTensors.open(weights) : SafetensorsFile.open(weights);
  }
}
