package dev.jlora.engine.steps;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spi.RandomBatch;
import dev.jlora.spi.Task;
import dev.jlora.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Random batches for steps without data: tokens without padding, [batch, length], or images [batch,
 * channels, size, size] of the model's size, with the task's targets.
 */
public final class RandomBatches {
  private static final String IMAGES = "pixel_values";
  private static final String TOKENS = "input_ids";

  private final ModelConfig config;
  private final Architecture architecture;
  private final Task task;
  private final RandomBatch random;

  /**
   * @param length number of tokens per row; ignored for an image model, which has its own
   * @throws IllegalArgumentException if the model reads neither tokens nor images
   */
  public RandomBatches(
      ModelConfig config, Architecture architecture, Task task, int rows, int length, long seed) {
    String main = architecture.inputs().getFirst();
    if (!main.equals(TOKENS) && !main.equals(IMAGES)) {
      throw new IllegalArgumentException(
          "random batches: %s reads %s, expected a model of tokens or images"
              .formatted(architecture.name(), architecture.inputs()));
    }
    this.config = config;
    this.architecture = architecture;
    this.task = task;
    int tokens =
        architecture.inputs().contains(IMAGES)
            ? Math.toIntExact(architecture.maxPositions())
            : length;
    this.random = new RandomBatch(rows, tokens, seed);
  }

  /** Tokens per row: an image has one per patch and a class token. */
  public int length() {
    return random.length();
  }

  /** A new batch, owned by the current scope. */
  public Map<String, Tensor> next() {
    Map<String, Tensor> batch = new HashMap<>();
    if (architecture.inputs().contains(IMAGES)) {
      batch.put(
          IMAGES,
          random.images(config.integer("num_channels", 3), config.integer("image_size", 224)));
    } else {
      batch.put(TOKENS, random.idPerToken(config.integer("vocab_size")));
    }
    for (String input : architecture.inputs()) {
      switch (input) {
        case "attention_mask" -> batch.put(input, random.sameForTokens(1));
        case "token_type_ids" -> batch.put(input, random.sameForTokens(0));
        default -> {}
      }
    }
    batch.putAll(task.randomTargets(config, random));
    return batch;
  }
}
