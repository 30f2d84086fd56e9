package dev.jlora;

import java.util.Map;

/** The Java names of the keys of a job, for messages to Java users. */
final class JavaNames {
  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("model.path", "finetune"),
          Map.entry("model.architecture", "architecture"),
          Map.entry("lora.use_rslora", "lora.rslora"),
          Map.entry("lora.use_dora", "lora.dora"),
          Map.entry("lora.trainable_token_indices", "lora.trainableTokens"),
          Map.entry("lora.layer_replication", "lora.replicateLayers"),
          Map.entry("lora.target_modules", "lora.targets"),
          Map.entry("lora.exclude_modules", "lora.exclude"),
          Map.entry("lora.init_lora_weights", "lora.init"),
          Map.entry("lora.slices", "lora.slice"),
          Map.entry("lora.loftq_config", "lora.loftq"),
          Map.entry("lora.eva_config", "lora.eva"),
          Map.entry("lora.corda_config", "lora.corda"),
          Map.entry("lora.lora_ga_config", "lora.loraGa"),
          Map.entry("lora.rank_pattern", "lora.rankOf"),
          Map.entry("lora.alpha_pattern", "lora.alphaOf"),
          Map.entry("lora.layers_to_transform", "lora.layers"),
          Map.entry("data.train_limit", "data.limit"),
          Map.entry("training.batch_size", "train.batch"),
          Map.entry("training.eval_batch_size", "train.evalBatch"),
          Map.entry("training.gradient_accumulation_steps", "train.accumulate"),
          Map.entry("training.evaluate", "train.evaluateEvery"),
          Map.entry("training.save", "train.saveEvery"),
          Map.entry("training.best_metric", "train.keepBest"),
          Map.entry("training.early_stopping_patience", "train.earlyStopping"),
          Map.entry("optimizer.name", "train.optimizer"),
          Map.entry("optimizer.learning_rate", "train.learningRate"),
          Map.entry("optimizer.weight_decay", "train.weightDecay"),
          Map.entry("schedule.name", "train.schedule"),
          Map.entry("schedule.warmup_steps", "train.warmupSteps"),
          Map.entry("schedule.warmup_ratio", "train.warmupRatio"));

  private JavaNames() {}

  /** {@code train.batch} for {@code training.batch_size}. */
  static String of(String key) {
    String word = WORDS.get(key);
    return word != null ? word : camelCase(key.replaceFirst("^training\\.", "train."));
  }

  private static String camelCase(String key) {
    StringBuilder word = new StringBuilder();
    boolean upper = false;
    for (char c : key.replaceFirst("^data\\.columns\\.", "data.").toCharArray()) {
      if (c != '_') {
        word.append(upper ? Character.toUpperCase(c) : c);
      }
      upper = c == '_';
    }
    return word.toString();
  }
}
