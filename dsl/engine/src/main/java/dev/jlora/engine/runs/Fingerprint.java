package dev.jlora.engine.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.Json;
import dev.jlora.spec.JobSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the weights of a run depend on, by key: the settings of its job, with JSON's
 * names, and digests of the files it read. A checkpoint stores it and can be resumed only by that
 * job.
 *
 * @param values a text for each key
 */
public record Fingerprint(SortedMap<String, String> values) {
  /** Keys that describe contents rather than settings. */
  static final String WEIGHTS = "model.weights";

  static final String CONFIG = "model.config";
  static final String TOKENIZER = "model.tokenizer";
  static final String ADAPTER = "model.adapter";
  static final String ROWS = "data.rows";
  static final String VALIDATION = "data.validation_rows";

  /** For a message: the settings that may change for a resumed run. */
  public static final String MAY_CHANGE =
      "epochs, max_steps, early stopping, callbacks, logging, evaluation and checkpoint intervals,"
          + " metrics, batch size of evaluations, gradient_checkpointing, threads and device may"
          + " change";

  /**
   * Settings that do not affect the result, that determine the length of training, or that are
   * paths whose content is compared.
   */
  private static final Set<String> FREE =
      Set.of(
          "model.path",
          "model.adapter",
          "task.metrics",
          "data.train",
          "data.validation",
          "data.test",
          "data.format",
          "data.header",
          "data.train_limit",
          "data.validation_limit",
          "data.test_limit",
          "data.shuffle_seed", // compared with the order of the rows
          "data.images.threads",
          "training.epochs",
          "training.max_steps",
          "training.eval_batch_size",
          "training.eval_max_new_tokens",
          "training.gradient_checkpointing",
          "training.threads",
          "training.device",
          "training.logging_steps",
          "training.evaluate",
          "training.save",
          "training.save_total_limit",
          "training.early_stopping_patience",
          "training.early_stopping_threshold",
          "training.output",
          "training.overwrite",
          "training.resume",
          "callbacks");

  public Fingerprint {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /** The settings of a job with resolved labels, as in its JSON. */
  static SortedMap<String, String> settings(JsonNode job) {
    SortedMap<String, String> settings = new TreeMap<>();
    flatten("", job, settings);
    settings.keySet().removeIf(Fingerprint::isFree);
    return settings;
  }

  /** A fingerprint from a run's {@code job.json} only, with the contents of another one. */
  public static Fingerprint ofJob(JsonNode job, Fingerprint contents) {
    SortedMap<String, String> values = settings(job);
    for (String key : List.of(WEIGHTS, CONFIG, TOKENIZER, ADAPTER, ROWS, VALIDATION)) {
      String content = contents.values.get(key);
      if (content != null) {
        values.put(key, content);
      }
    }
    return new Fingerprint(values);
  }

  static SortedMap<String, String> settings(JobSpec job) {
    return settings(Json.object(job.json(), "the job"));
  }

  private static boolean isFree(String key) {
    return FREE.contains(key) || FREE.stream().anyMatch(free -> key.startsWith(free + "."));
  }

  private static void flatten(String path, JsonNode node, Map<String, String> values) {
    if (node.isObject() && !node.isEmpty()) {
      node.properties()
          .forEach(
              field ->
                  flatten(
                      path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                      field.getValue(),
                      values));
    } else if (node.isTextual()) {
      values.put(path, node.asText());
    } else if (!node.isNull() && !node.isEmpty() || node.isValueNode() && !node.isNull()) {
      values.put(path, node.toString());
    }
  }

  /**
   * The differences to another job, a line for each key: {@code task.labels: was ..., is ...}.
   *
   * @param now the fingerprint of the current job
   * @param defaults the settings of a minimal job, the values of absent keys
   */
  public List<String> differences(Fingerprint now, Map<String, String> defaults) {
    Set<String> keys = new TreeSet<>(values.keySet());
    keys.addAll(now.values.keySet());
    List<String> differences = new ArrayList<>();
    for (String key : keys) {
      String was = values.getOrDefault(key, defaults.getOrDefault(key, ""));
      String is = now.values.getOrDefault(key, defaults.getOrDefault(key, ""));
      if (!Objects.equals(was, is)) { // null where a damaged file says so
        differences.add("%s: was %s, is %s".formatted(key, shown(was), shown(is)));
      }
    }
    return differences;
  }

  private static String shown(@Nullable String value) {
    return value == null || value.isEmpty() ? "not set" : value;
  }
}
