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

/**
 * The properties common to all adapters of a method: the kinds of layers they attach to, and the
 * contents of their files. Declare them as a constant:
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
 * @param title the method's name in messages
 * @param peftType {@code peft_type} in {@code adapter_config.json}
 * @param kinds the kinds of layers it attaches to
 * @param parameters the names of its parameters relative to a module, each with the axis of its
 *     shape that is the rank; -1 for none
 * @param shared the names of parameters that all targets share
 * @param defaults the method's own keys in {@code adapter_config.json}, each with its default
 * @param refused keys of unsupported features; a file that turns one on is rejected
 */
public record MethodTraits(
    String title,
    String peftType,
    Set<Kind> kinds,
    Map<String, Integer> parameters,
    List<String> shared,
    ObjectNode defaults,
    List<String> refused) {

  /** Keys of all methods, with their defaults. */
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

  /** Traits without parameters or keys: the title, {@code peft_type}, and the kinds of layers. */
  public static MethodTraits of(String title, String peftType, Kind first, Kind... more) {
    MethodTraits none = withoutTargets(title, peftType);
    return new MethodTraits(
        title, peftType, EnumSet.of(first, more), Map.of(), List.of(), none.defaults, List.of());
  }

  /** Traits of a method that attaches to no module, such as prompt tuning. */
  public static MethodTraits withoutTargets(String title, String peftType) {
    ObjectNode defaults = Json.object(COMMON, "PEFT's defaults");
    defaults.put("peft_type", peftType);
    return new MethodTraits(title, peftType, Set.of(), Map.of(), List.of(), defaults, List.of());
  }

  /** Adds a parameter of each target: {@code ia3_l}. */
  public MethodTraits parameter(String name) {
    return parameter(name, -1);
  }

  /** Adds a parameter of each target whose size along {@code rankAxis} is the rank. */
  public MethodTraits parameter(String name, int rankAxis) {
    Map<String, Integer> all = new LinkedHashMap<>(parameters);
    all.put(name, rankAxis);
    return new MethodTraits(title, peftType, kinds, all, shared, defaults, refused);
  }

  /** Adds parameters that all targets share: {@code vera_A}. */
  public MethodTraits sharing(String... names) {
    return new MethodTraits(title, peftType, kinds, parameters, List.of(names), defaults, refused);
  }

  /**
   * Adds the method's own keys in {@code adapter_config.json}.
   *
   * @param json an object: each key with its default
   */
  public MethodTraits config(String json) {
    ObjectNode all = defaults.deepCopy();
    all.setAll(Json.object(json, title + "'s defaults"));
    return new MethodTraits(title, peftType, kinds, parameters, shared, all, refused);
  }

  /** Adds keys of unsupported features; a file that turns one on is rejected. */
  public MethodTraits refusing(String... keys) {
    return new MethodTraits(
        title, peftType, kinds, parameters, shared, defaults, Arrays.asList(keys));
  }

  /** The keys of its tensors. */
  AdapterKeys keys() {
    return new AdapterKeys(parameters.keySet(), shared);
  }

  /** The axis of a parameter that is the rank; -1 for none. */
  int rankAxis(String parameter) {
    return parameters.entrySet().stream()
        .filter(entry -> parameter.endsWith("." + entry.getKey()))
        .mapToInt(Map.Entry::getValue)
        .findFirst()
        .orElse(-1);
  }

  /** A clause: "LoRA attaches to linear layers, embeddings and convolutions". */
  String placement() {
    List<String> names =
        Arrays.stream(Kind.values())
            .filter(kinds::contains)
            .map(
                kind ->
                    switch (kind) {
                      case LINEAR -> "linear layers";
                      case EMBEDDING -> "embeddings";
                      case CONVOLUTION -> "convolutions";
                      case NORM -> "norms";
                    })
            .toList();
    int last = names.size() - 1;
    return "%s attaches to %s"
        .formatted(
            title,
            last == 0
                ? names.getFirst()
                : String.join(", ", names.subList(0, last)) + " and " + names.get(last));
  }
}
