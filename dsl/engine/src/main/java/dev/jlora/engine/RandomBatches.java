package dev.jlora.engine;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.spec.TaskSpec;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.Views;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * What {@link StepBenchmark} feeds: tokens without padding, [batch, length] each, or images [batch,
 * channels, size, size] of the model's own size.
 */
final class RandomBatches {
  private static final String IMAGES = "pixel_values";

  private final ModelConfig config;
  private final Architecture architecture;
  private final BenchmarkSettings settings;
  private final SplittableRandom random;

  RandomBatches(ModelConfig config, Architecture architecture, BenchmarkSettings settings) {
    String main = architecture.inputs().getFirst();
    if (!main.equals("input_ids") && !main.equals(IMAGES)) {
      throw new IllegalArgumentException(
          "bench step: %s reads %s, expected a model of tokens or images"
              .formatted(architecture.name(), architecture.inputs()));
    }
    this.config = config;
    this.architecture = architecture;
    this.settings = settings;
    this.random = new SplittableRandom(settings.seed());
  }

  /** Tokens of a row: an image has one for each patch and one for its class. */
  int length() {
    return architecture.inputs().contains(IMAGES)
        ? Math.toIntExact(architecture.maxPositions())
        : settings.length();
  }

  /** A new batch in the current scope. */
  Map<String, Tensor> next() {
    Map<String, Tensor> batch = new HashMap<>();
    if (architecture.inputs().contains(IMAGES)) {
      batch.put(IMAGES, images());
    } else {
      batch.put("input_ids", vocabulary());
    }
    for (String input : architecture.inputs()) {
      switch (input) {
        case "attention_mask" -> batch.put(input, tokens(() -> 1));
        case "token_type_ids" -> batch.put(input, tokens(() -> 0));
        default -> {}
      }
    }
    if (settings.task().equals(TaskSpec.QUESTION_ANSWERING)) {
      batch.put("start_positions", fill(settings.batch(), () -> random.nextLong(length())));
      batch.put("end_positions", fill(settings.batch(), () -> random.nextLong(length())));
    } else {
      batch.put("labels", labels());
    }
    return batch;
  }

  private Tensor images() {
    int channels = config.integer("num_channels", 3);
    int size = config.integer("image_size", 224);
    float[] values = new float[settings.batch() * channels * size * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return Tensor.of(values, settings.batch(), channels, size, size);
  }

  /** A label for every row, or for every token where the task wants that. */
  private Tensor labels() {
    int classes = config.numLabels();
    return switch (settings.task()) {
      case TaskSpec.CAUSAL_LM, TaskSpec.MASKED_LM -> vocabulary();
      case TaskSpec.TOKEN_CLASSIFICATION -> tokens(() -> random.nextLong(classes));
      default ->
          switch (config.problemType().orElse("")) {
            case "multi_label_classification" ->
                Tensor.ones(DType.FLOAT32, settings.batch(), classes);
            case "regression" -> Tensor.ones(DType.FLOAT32, settings.batch());
            default -> fill(settings.batch(), () -> random.nextLong(classes));
          };
    };
  }

  private Tensor vocabulary() {
    int ids = config.integer("vocab_size");
    return tokens(() -> random.nextLong(ids));
  }

  private Tensor tokens(LongSupplier value) {
    long rows = settings.batch();
    return Views.view(fill(settings.batch() * settings.length(), value), rows, settings.length());
  }

  private static Tensor fill(int count, LongSupplier value) {
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = value.getAsLong();
    }
    return Tensor.of(values, count);
  }
}
