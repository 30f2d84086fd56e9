package dev.jlora.engine.adapters;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.TensorFile;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A saved adapter, from its configuration and the header of its weights.
 *
 * @param folder its folder
 * @param method the method that reads it; empty if no plugin does
 * @param peftType PEFT's name of the method
 * @param baseModel the base model that it names
 * @param taskType PEFT's task type, or empty
 * @param settings its other settings, without those that are unset
 * @param tensors the shapes of its tensors by key
 * @param elements number of their elements
 * @param bytes size of the weights file
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AdapterInfo(
    @JsonProperty("folder") Path folder,
    @JsonProperty("method") String method,
    @JsonProperty("peft_type") String peftType,
    @JsonProperty("base_model") String baseModel,
    @JsonProperty("task_type") String taskType,
    @JsonProperty("settings") Map<String, JsonNode> settings,
    @JsonProperty("tensors") Map<String, List<Long>> tensors,
    @JsonProperty("elements") long elements,
    @JsonProperty("bytes") long bytes) {

  /** How many levels below a folder adapters are searched: a run's, and its checkpoints'. */
  private static final int DEPTH = 3;

  private static final String TYPE = "peft_type";
  private static final String BASE = "base_model_name_or_path";
  private static final String TASK = "task_type";

  /**
   * Reads a saved adapter.
   *
   * @throws FormatException if the folder has none, or a file is damaged
   */
  public static AdapterInfo of(Plugins plugins, Path folder) {
    ObjectNode config = Json.readObject(AdapterLoader.config(folder));
    Map<String, JsonNode> settings = new TreeMap<>();
    config
        .properties()
        .forEach(
            entry -> {
              JsonNode value = entry.getValue();
              boolean unset = value.isNull() || value.isContainerNode() && value.isEmpty();
              if (!unset && !List.of(TYPE, BASE, TASK).contains(entry.getKey())) {
                settings.put(entry.getKey(), value);
              }
            });
    Map<String, List<Long>> tensors = new LinkedHashMap<>();
    Optional<Path> weights = AdapterKeys.weights(folder);
    if (weights.isPresent()) { // a plugin's method may have files of its own
      try (TensorFile file = AdapterKeys.open(folder)) {
        file.names().forEach(name -> tensors.put(name, file.shape(name)));
      }
    }
    return new AdapterInfo(
        folder,
        plugins.adapters().all().stream()
            .filter(method -> method.reads(config))
            .map(method -> method.name())
            .findFirst()
            .orElse(""),
        config.path(TYPE).asText(),
        text(config, BASE),
        text(config, TASK),
        settings,
        tensors,
        tensors.values().stream()
            .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
            .sum(),
        weights.map(AdapterInfo::size).orElse(0L));
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(ObjectNode config, String key) {
    return config.hasNonNull(key) ? config.get(key).asText() : "";
  }

  /**
   * The adapters in a folder, and in folders below it.
   *
   * @throws FormatException if there are none
   */
  public static List<AdapterInfo> below(Plugins plugins, Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new FormatException(folder, "no such folder.", "Check the path.");
    }
    List<AdapterInfo> found = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(folder, DEPTH)) {
      tree.filter(path -> path.getFileName().toString().equals(PeftConfig.FILE))
          .sorted()
          .forEach(file -> found.add(of(plugins, file.getParent())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (found.isEmpty()) {
      throw new FormatException(
          folder,
          "has no adapter, and neither have the folders in it.",
          "An adapter's folder has an " + PeftConfig.FILE + ".");
    }
    return found;
  }

  /** The rank, as far as the method has one. */
  public String rank() {
    return settings.containsKey("r") ? settings.get("r").asText() : "";
  }

  /** The target modules, as the configuration names them. */
  public String targets() {
    JsonNode targets = settings.get("target_modules");
    if (targets == null) {
      return "";
    }
    if (!targets.isArray()) {
      return targets.asText();
    }
    List<String> names = new ArrayList<>();
    targets.forEach(name -> names.add(name.asText()));
    return String.join(",", names);
  }
}
