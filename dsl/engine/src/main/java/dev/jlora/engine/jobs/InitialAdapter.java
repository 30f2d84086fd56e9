package dev.jlora.engine.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.models.AdapterLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.AdapterMethod;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The saved adapter that a job starts from, with a new optimizer. */
final class InitialAdapter {
  /** Settings that affect only training, which a job may choose, or that the model determines. */
  private static final Set<String> FREE = Set.of("dropout", "init_lora_weights", "fan_in_fan_out");

  /** The heads of the task are included by themselves; tensors show what is missing. */
  private static final String SAVED_MODULES = "modules_to_save";

  private InitialAdapter() {}

  /**
   * A job with the adapter's own settings. A job without adapter settings, or with the method's
   * defaults, takes all of them over; other settings must agree, except dropout.
   *
   * @throws FormatException naming the settings that differ, or what the folder lacks
   */
  static JobSpec settle(Plugins plugins, JobSpec job) {
    String folder = job.model().adapter();
    if (folder == null) {
      return job;
    }
    Path path = Path.of(folder);
    ObjectNode saved = Json.object(method(plugins, path).read(path).json(), "the adapter");
    ObjectNode whole = Json.object(job.json(), "the job");
    AdapterSpec given = job.adapter();
    if (given != null && !saysNothing(plugins, given)) {
      ObjectNode own = Json.object(given.json(), "the adapter");
      refuse(path, differences(saved, own));
      FREE.stream().filter(own::has).forEach(key -> saved.set(key, own.get(key)));
      if (own.has(SAVED_MODULES)) {
        saved.set(SAVED_MODULES, own.get(SAVED_MODULES));
      }
    }
    whole.set("adapter", saved);
    return JobSpec.parse(whole.toString(), plugins.specTypes());
  }

  /** The method that reads an adapter. */
  static AdapterMethod<?> method(Plugins plugins, Path folder) {
    if (!AdapterLoader.isAdapter(folder)) {
      throw new FormatException(
          folder,
          "has no adapter_config.json, so it holds no adapter to start from.",
          "Give the output folder of a run, or an adapter that PEFT saved, as model.adapter"
              + " (--adapter DIR).");
    }
    return AdapterLoader.method(plugins, folder.resolve(PeftConfig.FILE));
  }

  private static boolean saysNothing(Plugins plugins, AdapterSpec given) {
    String json =
        "{\"model\": {\"path\": \"none\"}, \"task\": {\"name\": \"none\"}, \"adapter\":"
            + " {\"method\": \"%s\"}, \"data\": {\"train\": \"none\"}}";
    return given.equals(
        JobSpec.parse(json.formatted(given.method()), plugins.specTypes()).adapter());
  }

  private static List<String> differences(ObjectNode saved, ObjectNode own) {
    Set<String> keys = new TreeSet<>();
    saved.fieldNames().forEachRemaining(keys::add);
    own.fieldNames().forEachRemaining(keys::add);
    keys.removeAll(FREE);
    keys.remove(SAVED_MODULES);
    List<String> differences = new ArrayList<>();
    for (String key : keys) {
      JsonNode there = saved.path(key);
      JsonNode here = own.path(key);
      boolean family = key.equals("target_modules") && here.isMissingNode();
      if (!family && !same(there, here)) {
        differences.add(
            "adapter.%s: the saved adapter has %s, the job says %s"
                .formatted(key, shown(there), shown(here)));
      }
    }
    return differences;
  }

  /** Whether two values are equal, ignoring the order of names in a list. */
  private static boolean same(JsonNode one, JsonNode other) {
    if (one.isArray() && other.isArray()) {
      Set<JsonNode> names = new HashSet<>();
      one.forEach(names::add);
      Set<JsonNode> others = new HashSet<>();
      other.forEach(others::add);
      return names.equals(others);
    }
    return one.equals(other)
        || one.isNumber() && other.isNumber() && one.doubleValue() == other.doubleValue()
        || one.isEmpty()
            && other.isEmpty()
            && one.isContainerNode() == other.isContainerNode()
            && !one.isValueNode()
            && !other.isValueNode();
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "nothing" : value.toString();
  }

  private static void refuse(Path folder, List<String> differences) {
    if (!differences.isEmpty()) {
      throw new FormatException(
          folder,
          "does not fit the adapter of the job:\n  " + String.join("\n  ", differences) + "\n",
          "Leave the settings of the adapter out to take over its own, or start a fresh one"
              + " without model.adapter (--adapter).");
    }
  }
}
