package dev.jlora.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.Json;
import dev.jlora.model.TargetModule.Kind;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What all adapters of a method have in common: where they go, and how their files look. A constant
 * of the method:
 *
 * <pre>{@code
 * MethodTraits.of("LoRA", "LORA", Kind.LINEAR, Kind.CONVOLUTION)
 *     .parameter("lora_A.weight", 0)
 *     .parameter("lora_B.weight", 1)
 *     .config("""
 *         {"r": 8, "lora_alpha": 8, "target_modules": null, "modules_to_save": null}
 *         """);
 * }</pre>
 *
 * @param title the method's name as messages spell it
 * @param peftType {@code peft_type} in {@code adapter_config.json}
 * @param kinds the kinds of layers it attaches to
 * @param parameters the names of its parameters below a module, each with the axis of its shape
 *     that is the adapter's rank; -1 where none is
 * @param shared the names of parameters that belong to no module
 * @param defaults every key that it writes to {@code adapter_config.json} beside those of every
 *     method, with the value that stands for its absence
 * @param refused keys that make an adapter compute something else, unless they are off
 */
public record MethodTraits(
    String title,
    String peftType,
    Set<Kind> kinds,
    Map<String, Integer> parameters,
    List<String> shared,
    ObjectNode defaults,
    List<String> refused) {

  /** Keys of every method, with the value that stands for their absence. */
  private static final String COMMON =
      """
      {"auto_mapping": null, "base_model_name_or_path": "", "inference_mode": true,
       "peft_version": "0.20.0", "revision": null, "task_type": null}
      """;

  public MethodTraits {
    kinds = Set.copyOf(kinds);
    shared = List.copyOf(shared);
    refused = List.copyOf(refused);
  }

  /** Begins with the title, the type in files, and the kinds of layers. */
  public static MethodTraits of(String title, String peftType, Kind first, Kind... more) {
    ObjectNode defaults = Json.object(COMMON, "PEFT's defaults");
    defaults.put("peft_type", peftType);
    return new MethodTraits(
        title, peftType, EnumSet.of(first, more), Map.of(), List.of(), defaults, List.of());
  }

  /** With a parameter at each target: {@code ia3_l}. */
  public MethodTraits parameter(String name) {
    return parameter(name, -1);
  }

  /** With a parameter at each target, whose size along an axis is the adapter's rank. */
  public MethodTraits parameter(String name, int rankAxis) {
    Map<String, Integer> all = new LinkedHashMap<>(parameters);
    all.put(name, rankAxis);
    return new MethodTraits(title, peftType, kinds, all, shared, defaults, refused);
  }

  /** With parameters that all targets share: {@code vera_A}. */
  public MethodTraits sharing(String... names) {
    return new MethodTraits(title, peftType, kinds, parameters, List.of(names), defaults, refused);
  }

  /**
   * With keys of its own in {@code adapter_config.json}.
   *
   * @param json an object: each key with the value that stands for its absence
   */
  public MethodTraits config(String json) {
    ObjectNode all = defaults.deepCopy();
    all.setAll(Json.object(json, title + "'s defaults"));
    return new MethodTraits(title, peftType, kinds, parameters, shared, all, refused);
  }

  /** With keys that are refused where they are on, since they change what is computed. */
  public MethodTraits refusing(String... keys) {
    return new MethodTraits(
        title, peftType, kinds, parameters, shared, defaults, Arrays.asList(keys));
  }

  /** The keys of its tensors. */
  AdapterKeys keys() {
    return new AdapterKeys(parameters.keySet(), shared);
  }

  /** The axis of a parameter that is the adapter's rank; -1 if none is. */
  int rankAxis(String parameter) {
    return parameters.entrySet().stream()
        .filter(entry -> parameter.endsWith("." + entry.getKey()))
        .mapToInt(Map.Entry::getValue)
        .findFirst()
        .orElse(-1);
  }

  /** A clause: "LoRA goes on linear layers and convolutions". */
  String placement() {
    return title
        + " goes on "
        + Arrays.stream(Kind.values())
            .filter(kinds::contains)
            .map(
                kind ->
                    switch (kind) {
                      case LINEAR -> "linear layers";
                      case EMBEDDING -> "embeddings";
                      case CONVOLUTION -> "convolutions";
                    })
            .collect(Collectors.joining(" and "));
  }
}
