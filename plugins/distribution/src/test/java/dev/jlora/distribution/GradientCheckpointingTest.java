package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.engine.steps.StepSettings;
import dev.jlora.engine.steps.Stepper;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps that compute blocks again against steps that keep what blocks computed. */
class GradientCheckpointingTest {
  private static final int STEPS = 3;
  private static final int ROWS = 2;
  private static final int TOKENS = 16;
  private static final int VOCABULARY = 64;
  private static final Map<String, String> CONFIGS =
      Map.of(
          "bert",
          """
          {"model_type": "bert", "vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 3,
           "num_attention_heads": 4, "intermediate_size": 64, "max_position_embeddings": 32}
          """,
          "gpt2",
          """
          {"model_type": "gpt2", "vocab_size": 64, "n_embd": 32, "n_layer": 3, "n_head": 4,
           "n_positions": 32}
          """,
          "vit",
          """
          {"model_type": "vit", "hidden_size": 32, "num_hidden_layers": 3,
           "num_attention_heads": 4, "intermediate_size": 64, "image_size": 16, "patch_size": 4,
           "num_channels": 3, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
          """,
          "llama",
          """
          {"model_type": "llama", "vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 3,
           "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 64,
           "max_position_embeddings": 32, "attention_dropout": 0.1, "rms_norm_eps": 1e-5}
          """);

  private final Plugins plugins = Plugins.load();

  /** All that could differ. */
  private record Course(List<Double> losses, List<float[]> gradients, long randomOffset) {}

  @ParameterizedTest
  @CsvSource({
    "bert, sequence-classification, FLOAT32",
    "bert, sequence-classification, BFLOAT16",
    "gpt2, causal-lm, FLOAT32",
    "vit, image-classification, FLOAT32",
    "llama, causal-lm, BFLOAT16",
  })
  void losses_and_gradients_are_the_same_bits(String model, String task, DType dtype) {
    long live = Tensor.live();
    Course kept = course(model, task, dtype, false);
    Course again = course(model, task, dtype, true);

    assertThat(Tensor.live()).isEqualTo(live);
    assertThat(again.losses()).isEqualTo(kept.losses()).hasSize(STEPS);
    assertThat(again.randomOffset()).isEqualTo(kept.randomOffset()).isPositive();
    assertThat(again.gradients().size()).isEqualTo(kept.gradients().size()).isPositive();
    for (int i = 0; i < kept.gradients().size(); i++) {
      assertThat(Arrays.equals(again.gradients().get(i), kept.gradients().get(i)))
          .as("gradient %d", i)
          .isTrue();
    }
  }

  private Course course(String model, String taskName, DType dtype, boolean checkpointing) {
    ModelConfig config = ModelConfig.of("config.json", Json.object(CONFIGS.get(model), model));
    ModelFamily family = plugins.families().get(model);
    var task = plugins.tasks().get(taskName);
    Architecture declared = family.declare(config, family.architecture(taskName).orElseThrow());
    try (Network network = Network.of(declared, new RandomWeights(3), dtype)) {
      AdapterPlan plan =
          plugins
              .adapters()
              .get("lora")
              .planOf(
                  network.plan(),
                  LoraSpec.builder().rank(4).dropout(0.1).build(),
                  new AdapterContext("", family.defaultTargets(), 3, model));
      Adapter adapter = network.adapt(plan.create(network));
      OptimizerSpec spec = OptimizerSpec.of("adamw", 1e-2);
      List<ParameterGroup> decayed =
          adapter.parameters().stream().map(parameter -> new ParameterGroup(parameter, 0)).toList();
      try (Optimizer optimizer = plugins.optimizers().get("adamw").create(decayed, spec);
          Stepper stepper =
              new Stepper(
                  network,
                  task.objective(config, null),
                  adapter.parameters(),
                  optimizer,
                  _ -> 1,
                  new StepSettings(1e-2, 1, 0, 11, checkpointing, true))) {
        return course(stepper, declared, taskName);
      }
    }
  }

  private static Course course(Stepper stepper, Architecture declared, String task) {
    Random random = new Random(17);
    List<Double> losses = new ArrayList<>();
    List<float[]> gradients = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      losses.add(
          stepper
              .step(
                  List.of(() -> batch(declared, task, random)),
                  all ->
                      all.stream()
                          .filter(gradient -> gradient != null)
                          .forEach(gradient -> gradients.add(gradient.toFloats())))
              .loss());
    }
    return new Course(losses, gradients, stepper.random().offset());
  }

  /** The second row of texts is padded. */
  private static Map<String, Tensor> batch(Architecture declared, String task, Random random) {
    Map<String, Tensor> batch = new LinkedHashMap<>();
    if (declared.inputs().contains("pixel_values")) {
      float[] pixels = new float[ROWS * 3 * 16 * 16];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) random.nextGaussian();
      }
      batch.put("pixel_values", Tensor.of(pixels, ROWS, 3, 16, 16));
    } else {
      long[] mask = new long[ROWS * TOKENS];
      Arrays.fill(mask, 0, mask.length - 9, 1);
      batch.put("input_ids", ids(random, VOCABULARY, ROWS, TOKENS));
      batch.put("attention_mask", Tensor.of(mask, ROWS, TOKENS));
    }
    batch.put(
        "labels",
        task.equals("causal-lm") ? ids(random, VOCABULARY, ROWS, TOKENS) : ids(random, 2, ROWS));
    return batch;
  }

  private static Tensor ids(Random random, int bound, long... shape) {
    long[] ids = new long[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = random.nextInt(bound);
    }
    return Tensor.of(ids, shape);
  }
}
