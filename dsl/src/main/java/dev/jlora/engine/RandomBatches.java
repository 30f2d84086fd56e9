package dev.jlora.engine;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.Architecture;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/** Token batches without padding, as {@link StepBenchmark} feeds them: [batch, length] each. */
final class RandomBatches {
  private final ModelConfig config;
  private final Architecture architecture;
  private final StepSettings settings;
  private final SplittableRandom random;

  RandomBatches(ModelConfig config, Architecture architecture, StepSettings settings) {
    if (!architecture.inputs().contains("input_ids")) {
      throw new IllegalArgumentException(
          "bench step: %s reads %s, expected a model of tokens"
              .formatted(architecture.name(), architecture.inputs()));
    }
    this.config = config;
    this.architecture = architecture;
    this.settings = settings;
    this.random = new SplittableRandom(settings.seed());
  }

  /** A new batch in the current scope. */
  Map<String, Tensor> next() {
    Map<String, Tensor> batch = new HashMap<>();
    int vocabulary = config.integer("vocab_size");
    batch.put("input_ids", tokens(() -> random.nextLong(vocabulary)));
    for (String input : architecture.inputs()) {
      switch (input) {
        case "attention_mask" -> batch.put(input, tokens(() -> 1));
        case "token_type_ids" -> batch.put(input, tokens(() -> 0));
        default -> {}
      }
    }
    int labels = config.numLabels();
    batch.put("labels", fill(settings.batch(), () -> random.nextLong(labels)));
    return batch;
  }

  private Tensor tokens(LongSupplier value) {
    long rows = settings.batch();
    return Ops.view(fill(settings.batch() * settings.length(), value), rows, settings.length());
  }

  private static Tensor fill(int count, LongSupplier value) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = value.getAsLong();
    }
    return Tensor.of(values, count);
  }
}
