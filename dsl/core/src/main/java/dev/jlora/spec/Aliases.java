package dev.jlora.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * PEFT's {@code LoraConfig} and transformers' {@code TrainingArguments} names for the keys of a
 * job, if they mean the same. Trainer's arguments are flat, so section {@code training} accepts all
 * of them, including those of the optimizer, the schedule and the data.
 */
public final class Aliases {
  private static final String TRAINING = "training.";

  /** Alias paths and their targets, in the order of reading. */
  private static final Map<String, String> PATHS = paths();

  private static final Map<String, String> OPTIMIZERS =
      Map.of(
          "adamw_torch", "adamw",
          "adamw_torch_fused", "adamw",
          "adamw_hf", "adamw",
          "adamw_8bit", "adamw8bit",
          "adamw_bnb_8bit", "adamw8bit");

  private static final Map<String, String> PRECISIONS =
      Map.of(
          "float32", "fp32",
          "bfloat16", "bf16",
          "float16", "fp16",
          "torch.float32", "fp32",
          "torch.bfloat16", "bf16",
          "torch.float16", "fp16");

  private final Map<String, Object> job = new LinkedHashMap<>();
  private final Map<String, String> typed = new LinkedHashMap<>();
  private final List<String> problems;

  private Aliases(Map<?, ?> given, List<String> problems) {
    this.problems = problems;
    given.forEach(
        (key, value) ->
            job.put(
                String.valueOf(key),
                value instanceof Map<?, ?> section ? new LinkedHashMap<>(section) : value));
  }

  private static Map<String, String> paths() {
    Map<String, String> paths = new LinkedHashMap<>();
    names(paths, "model", "path", "model_name_or_path", "pretrained_model_name_or_path");
    names(paths, "model", "path", "base_model_name_or_path");
    names(paths, "model", "precision", "dtype", "torch_dtype");
    names(paths, "adapter", "method", "peft_type");
    names(paths, "adapter", "rank", "r", "lora_r");
    names(paths, "adapter", "alpha", "lora_alpha");
    names(paths, "adapter", "dropout", "lora_dropout");
    names(paths, "data", "train", "train_file");
    names(paths, "data", "validation", "validation_file");
    names(paths, "data", "test", "test_file");
    names(paths, "data", "max_length", "max_seq_length");
    names(paths, "data", "train_limit", "max_train_samples");
    names(paths, "data", "validation_limit", "max_eval_samples");
    names(paths, "data", "test_limit", "max_predict_samples");
    names(paths, "data", "shuffle_seed", "data_seed");
    names(paths, "optimizer", "name", "optim");
    names(paths, "optimizer", "learning_rate", "lr");
    names(paths, "optimizer", "beta1", "adam_beta1");
    names(paths, "optimizer", "beta2", "adam_beta2");
    names(paths, "optimizer", "epsilon", "adam_epsilon");
    names(paths, "schedule", "name", "lr_scheduler_type");
    names(paths, "training", "epochs", "num_train_epochs");
    names(paths, "training", "batch_size", "per_device_train_batch_size");
    names(paths, "training", "eval_batch_size", "per_device_eval_batch_size");
    names(paths, "training", "label_smoothing", "label_smoothing_factor");
    names(paths, "training", "evaluate", "eval_strategy", "evaluation_strategy");
    names(paths, "training", "save", "save_strategy");
    names(paths, "training", "best_metric", "metric_for_best_model");
    names(paths, "training", "output", "output_dir");
    names(paths, "training", "overwrite", "overwrite_output_dir");
    names(paths, "training", "resume", "resume_from_checkpoint");
    for (String key : List.of("learning_rate", "weight_decay", "momentum", "nesterov")) {
      paths.put(TRAINING + key, "optimizer." + key);
    }
    for (String key : List.of("optim", "lr", "adam_beta1", "adam_beta2", "adam_epsilon")) {
      paths.put(TRAINING + key, paths.get("optimizer." + key));
    }
    paths.put(TRAINING + "lr_scheduler_type", "schedule.name");
    paths.put(TRAINING + "warmup_ratio", "schedule.warmup_ratio");
    paths.put(TRAINING + "warmup_steps", "schedule.warmup_steps");
    paths.put(TRAINING + "group_by_length", "data.group_by_length");
    paths.put(TRAINING + "data_seed", "data.shuffle_seed");
    return paths;
  }

  private static void names(
      Map<String, String> paths, String section, String key, String... others) {
    for (String other : others) {
      paths.put(section + "." + other, section + "." + key);
    }
  }

  /** The aliases of the key at {@code path}, without their section: {@code r} for rank. */
  public static List<String> of(String path) {
    return PATHS.entrySet().stream()
        .filter(entry -> entry.getValue().equals(path))
        .map(entry -> entry.getKey().substring(entry.getKey().indexOf('.') + 1))
        .distinct()
        .toList();
  }

  /** The path that {@code path} stands for, or null if it is not an alias. */
  static @Nullable String meant(String path) {
    return PATHS.get(path);
  }

  /**
   * A job with all aliases replaced by jlora's names.
   *
   * @param problems receives a problem if two names of one setting are given
   */
  static Map<String, Object> resolved(Map<?, ?> job, List<String> problems) {
    Aliases aliases = new Aliases(job, problems);
    PATHS.forEach(aliases::rename);
    aliases.precision();
    aliases.device();
    aliases.interval("evaluate", "eval_steps");
    aliases.interval("save", "save_steps");
    aliases.best();
    aliases.values();
    return aliases.job;
  }

  private void rename(String alias, String path) {
    if (alias.startsWith("adapter.") && !alias.endsWith(".peft_type") && !isLora()) {
      return; // the spec of another method has keys of its own
    }
    if (has(alias)) {
      Object value = take(alias);
      boolean type = alias.endsWith(".peft_type") && value instanceof String;
      move(alias, path, type ? String.valueOf(value).toLowerCase(Locale.ROOT) : value);
    }
  }

  private boolean isLora() {
    Object method = get("adapter." + SpecReader.METHOD);
    return method == null || method.equals(LoraSpec.METHOD);
  }

  private void move(String from, String to, @Nullable Object value) {
    if (has(to)) {
      problems.add(
          "%s: got it together with %s, which means the same; expected one of them"
              .formatted(from, typed.getOrDefault(to, to)));
      return;
    }
    typed.put(to, from);
    put(to, value);
  }

  /** Resolves Trainer's {@code bf16} and {@code fp16}. */
  private void precision() {
    for (String type : List.of("bf16", "fp16")) {
      String path = TRAINING + type;
      if (has(path) && flag(path)) {
        move(path, "model.precision", type);
      }
    }
  }

  private void device() {
    String path = TRAINING + "use_cpu";
    if (has(path) && flag(path)) {
      move(path, TRAINING + "device", "cpu");
    }
  }

  /** Resolves Trainer's {@code steps} strategy, whose number is in a separate key. */
  private void interval(String key, String stepsKey) {
    String path = TRAINING + key;
    String stepsPath = TRAINING + stepsKey;
    boolean bySteps = "steps".equals(get(path));
    if (has(stepsPath)) {
      Object steps = take(stepsPath);
      if (has(path) && !bySteps) {
        problems.add(
            "%s: got %s while %s is %s, expected \"steps\" there, or leave it out"
                .formatted(stepsPath, steps, typed.getOrDefault(path, path), get(path)));
        return;
      }
      put(path, steps);
    } else if (bySteps) {
      take(path);
      problems.add(
          "%s: got \"steps\" without %s, expected the number of steps"
              .formatted(typed.getOrDefault(path, path), stepsPath));
    }
  }

  /**
   * Resolves Trainer's best-model settings: jlora always restores the best weights if there is a
   * best metric; without a metric, Trainer uses the loss.
   */
  private void best() {
    String path = TRAINING + "load_best_model_at_end";
    String metric = TRAINING + "best_metric";
    if (has(path)) {
      boolean wanted = flag(path);
      if (wanted && !has(metric)) {
        put(metric, "loss");
      } else if (!wanted && has(metric)) {
        problems.add(
            "%s: got false together with %s, expected true: jlora always restores the best weights; omit both for"
                    .formatted(path, typed.getOrDefault(metric, metric))
                + " the last weights");
      }
    }
    if (get(metric) instanceof String name && name.startsWith("eval_")) {
      put(metric, name.substring("eval_".length()));
    }
  }

  private void values() {
    translate("optimizer.name", OPTIMIZERS);
    translate("schedule.name", Map.of("constant_with_warmup", "constant"));
    translate("model.precision", PRECISIONS);
    String resume = TRAINING + "resume";
    if (typed.containsKey(resume) && get(resume) instanceof String folder) {
      take(resume);
      problems.add(
          "%s: got '%s', expected true or false: the newest checkpoint in training.output is taken"
              .formatted(typed.get(resume), folder));
    }
  }

  private void translate(String path, Map<String, String> words) {
    if (get(path) instanceof String word && words.containsKey(word)) {
      put(path, words.get(word));
    }
  }

  /** Removes a key that must be true or false. */
  private boolean flag(String path) {
    Object value = take(path);
    if (!(value instanceof Boolean)) {
      problems.add("%s: got %s, expected true or false".formatted(path, value));
    }
    return Boolean.TRUE.equals(value);
  }

  private @Nullable Map<String, Object> section(String path) {
    @SuppressWarnings("unchecked") // copied by the constructor, or made by put
    Map<String, Object> section =
        job.get(path.substring(0, path.indexOf('.'))) instanceof Map<?, ?> map
            ? (Map<String, Object>) map
            : null;
    return section;
  }

  private static String key(String path) {
    return path.substring(path.indexOf('.') + 1);
  }

  private boolean has(String path) {
    Map<String, Object> section = section(path);
    return section != null && section.containsKey(key(path));
  }

  private @Nullable Object get(String path) {
    Map<String, Object> section = section(path);
    return section == null ? null : section.get(key(path));
  }

  private @Nullable Object take(String path) {
    Map<String, Object> section = section(path);
    return section == null ? null : section.remove(key(path));
  }

  private void put(String path, @Nullable Object value) {
    String name = path.substring(0, path.indexOf('.'));
    if (!job.containsKey(name)) {
      job.put(name, new LinkedHashMap<String, Object>());
    }
    Map<String, Object> section = section(path);
    if (section != null) {
      section.put(key(path), value);
    }
  }

  /** All aliases that a section accepts. */
  static List<String> in(String section) {
    List<String> names = new ArrayList<>();
    PATHS.keySet().stream()
        .filter(path -> path.startsWith(section + "."))
        .forEach(path -> names.add(key(path)));
    if (section.equals("training")) {
      names.addAll(
          List.of("bf16", "fp16", "use_cpu", "eval_steps", "save_steps", "load_best_model_at_end"));
    }
    return names;
  }
}
