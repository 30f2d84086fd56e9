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
 * What the weights of a run depend on, by key: the settings of its job, in the words of JSON jobs,
 * and digests of what it read. A checkpoint keeps it, and is continued by that job alone.
 *
 * @param values a text for each key
 */
public record Fingerprint(SortedMap<String, String> values) {
  /** Keys that describe contents and not settings. */
  static final String WEIGHTS = "model.weights";

  static final String CONFIG = "model.config";
  static final String TOKENIZER = "model.tokenizer";
  static final String ADAPTER = "model.adapter";
  static final String ROWS = "data.rows";
  static final String VALIDATION = "data.validation_rows";

  /** For a message: what a resumed run may do in another way. */
  public static final String MAY_CHANGE =
      "epochs, max_steps, early stopping, callbacks, logging, evaluation and checkpoint intervals,"
          + " metrics, batch size of evaluations, gradient_checkpointing, threads and device may"
          + " change";

  /**
   * Settings that leave what is learnt as it is, that say for how long to learn, or whose meaning
   * lies in a file: its content is compared, wherever it is.
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

  /** The settings of a job, labels settled, as its JSON has them. */
  static SortedMap<String, String> settings(JsonNode job) {
    SortedMap<String, String> settings = new TreeMap<>();
    flatten("", job, settings);
    settings.keySet().removeIf(Fingerprint::isFree);
    return settings;
  }

  /** From the settings of a run's {@code job.json} alone: what it read is taken from another. */
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
   * How another job differs, a line for each key: {@code task.labels: was ..., is ...}.
   *
   * @param now that of the job at hand
   * @param defaults the settings of a job that says nothing: what an absent key means
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
