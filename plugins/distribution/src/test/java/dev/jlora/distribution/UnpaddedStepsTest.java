package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.autograd.Tape;
import dev.jlora.data.Collator;
import dev.jlora.engine.steps.StepSettings;
import dev.jlora.engine.steps.Stepper;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.ops.Ops;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterPlan;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps that leave the padding out against steps that compute it. */
class UnpaddedStepsTest {
  private static final int COLUMNS = 32;
  private static final int[] LENGTHS = {9, 32, 21, 4};
  private static final long KEPT = 16 + 32 + 24 + 8;
  private static final int VOCABULARY = 64;
  private static final String SIZES =
      """
      "vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4,
      "intermediate_size": 64, "max_position_embeddings": 40, "rms_norm_eps": 1e-5,
      "pad_token_id": 0
      """;
  private static final Map<String, String> CONFIGS =
      Map.of(
          "bert", "{\"model_type\": \"bert\", %s}".formatted(SIZES),
          "roberta", "{\"model_type\": \"roberta\", %s}".formatted(SIZES),
          "distilbert",
              """
              {"model_type": "distilbert", "vocab_size": 64, "dim": 32, "n_layers": 3,
               "n_heads": 4, "hidden_dim": 64, "max_position_embeddings": 40}
              """,
          "gpt2",
              """
              {"model_type": "gpt2", "vocab_size": 64, "n_embd": 32, "n_layer": 3, "n_head": 4,
               "n_positions": 40}
              """,
          "llama", "{\"model_type\": \"llama\", \"num_key_value_heads\": 2, %s}".formatted(SIZES),
          "mistral",
              "{\"model_type\": \"mistral\", \"num_key_value_heads\": 2, \"sliding_window\": 6, %s}"
                  .formatted(SIZES));

  private final Plugins plugins = Plugins.load();

  /** What a step gave, and a pass of its own: logits, and how many rows its products had. */
  private record Outcome(
      double loss, List<float[]> gradients, float[] logits, Set<Long> rows, long drawn) {}

  private record Job(String model, String task, DType dtype, boolean left, double dropout) {}

  @ParameterizedTest
  @CsvSource({
    "bert, sequence-classification, FLOAT32, false",
    "bert, sequence-classification, BFLOAT16, false",
    "bert, token-classification, FLOAT32, false",
    "bert, masked-lm, FLOAT32, false",
    "bert, question-answering, FLOAT32, false",
    "roberta, sequence-classification, FLOAT32, false",
    "distilbert, token-classification, BFLOAT16, false",
    "gpt2, causal-lm, FLOAT32, false",
    "gpt2, causal-lm, FLOAT32, true",
    "gpt2, causal-lm, BFLOAT16, true",
    "gpt2, sequence-classification, FLOAT32, true",
    "llama, causal-lm, FLOAT32, false",
    "llama, causal-lm, FLOAT32, true",
    "llama, causal-lm, BFLOAT16, true",
    "mistral, causal-lm, FLOAT32, true",
  })
  void learn_the_same(String model, String task, DType dtype, boolean left) {
    Job job = new Job(model, task, dtype, left, 0);
    Outcome padded = outcome(job, false, false);
    Outcome unpadded = outcome(job, true, false);

    assertThat(padded.rows()).contains((long) LENGTHS.length * COLUMNS).doesNotContain(KEPT);
    assertThat(unpadded.rows()).contains(KEPT);
    double tolerance = dtype == DType.FLOAT32 ? 1e-5 : 3e-2;
    assertThat(unpadded.loss()).isCloseTo(padded.loss(), within(tolerance));
    assertThat(distance(unpadded.logits(), padded.logits())).as("logits").isLessThan(tolerance);
    assertThat(unpadded.gradients()).hasSameSizeAs(padded.gradients()).isNotEmpty();
    for (int i = 0; i < padded.gradients().size(); i++) {
      assertThat(distance(unpadded.gradients().get(i), padded.gradients().get(i)))
          .as("gradient %d", i)
          .isLessThan(tolerance);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bert, sequence-classification, FLOAT32, false",
    "bert, token-classification, BFLOAT16, false",
    "gpt2, causal-lm, FLOAT32, true",
    "llama, causal-lm, FLOAT32, false",
  })
  void a_seed_gives_the_same_bits_with_and_without_checkpoints(
      String model, String task, DType dtype, boolean left) {
    long live = Tensor.live();
    Job job = new Job(model, task, dtype, left, 0.1);
    Outcome once = outcome(job, true, false);
    Outcome twice = outcome(job, true, false);
    Outcome again = outcome(job, true, true);

    assertThat(Tensor.live()).isEqualTo(live);
    for (Outcome other : List.of(twice, again)) {
      assertThat(other.loss()).isEqualTo(once.loss());
      assertThat(other.drawn()).isEqualTo(once.drawn()).isPositive();
      for (int i = 0; i < once.gradients().size(); i++) {
        assertThat(other.gradients().get(i)).isEqualTo(once.gradients().get(i));
      }
    }
  }

  /** The norm of the difference, by that of what is expected. */
  private static double distance(float[] actual, float[] expected) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / size);
  }

  private Outcome outcome(Job job, boolean withoutPadding, boolean checkpointing) {
    ModelConfig config = ModelConfig.of("config.json", Json.object(config(job), "config.json"));
    ModelFamily family = plugins.families().get(job.model());
    var task = plugins.tasks().get(job.task());
    Architecture declared = family.declare(config, family.architecture(job.task()).orElseThrow());
    try (var _ = Scope.open();
        Network network = Network.of(declared, new RandomWeights(3), job.dtype())) {
      AdapterPlan plan =
          plugins
              .adapters()
              .get("lora")
              .planOf(
                  network.plan(),
                  LoraSpec.builder().rank(4).dropout(job.dropout()).build(),
                  new AdapterContext("", family.defaultTargets(), 3, job.model()));
      Adapter adapter = network.adapt(plan.create(network));
      Random random = new Random(8);
      adapter.parameters().stream()
          .filter(parameter -> parameter.name().contains("lora"))
          .forEach(parameter -> parameter.value().copyFrom(noise(random, parameter.value())));
      Map<String, Tensor> batch = batch(job);
      Set<Long> rows = new HashSet<>();
      float[] logits;
      try (Tape tape = Tape.recording(product -> rows.add(product.rows()))) {
        ForwardContext pass = ForwardContext.recording(tape);
        logits =
            counted(
                network.forward(batch, withoutPadding ? pass.withoutPadding() : pass).tensors(),
                batch.get("attention_mask"));
      }
      OptimizerSpec spec = OptimizerSpec.of("adamw", 1e-2);
      List<ParameterGroup> decayed =
          adapter.parameters().stream().map(parameter -> new ParameterGroup(parameter, 0)).toList();
      List<float[]> gradients = new ArrayList<>();
      try (Optimizer optimizer = plugins.optimizers().get("adamw").create(decayed, spec);
          Stepper stepper =
              new Stepper(
                  network,
                  task.objective(config, null),
                  adapter.parameters(),
                  optimizer,
                  _ -> 1,
                  new StepSettings(1e-2, 0, 0, 11, checkpointing, withoutPadding))) {
        double loss =
            stepper
                .step(
                    List.of(() -> batch),
                    all ->
                        all.stream()
                            .filter(gradient -> gradient != null)
                            .forEach(gradient -> gradients.add(gradient.toFloats())))
                .loss();
        return new Outcome(loss, gradients, logits, rows, stepper.random().offset());
      }
    }
  }

  private static String config(Job job) {
    String names =
        "hidden_dropout_prob attention_probs_dropout_prob dropout attention_dropout resid_pdrop"
            + " embd_pdrop attn_pdrop seq_classif_dropout";
    StringBuilder all = new StringBuilder();
    for (String name : names.split(" ")) {
      all.append(", \"%s\": %s".formatted(name, job.dropout()));
    }
    String config = CONFIGS.get(job.model()).strip();
    return config.substring(0, config.length() - 1) + all + "}";
  }

  private static Tensor noise(Random random, Tensor like) {
    double[] values = random.doubles(like.elements(), -0.3, 0.3).toArray();
    return Ops.to(Tensor.of(values, like.shape()), like.dtype());
  }

  /** The logits of what counts: all, or those [B, S, ...] of tokens that are seen. */
  private static float[] counted(Map<String, Tensor> outputs, Tensor mask) {
    List<Float> found = new ArrayList<>();
    outputs.forEach(
        (name, tensor) -> {
          if (!name.endsWith("logits")) {
            return;
          }
          float[] values = tensor.toFloats();
          boolean tokens = tensor.rank() > 1 && tensor.size(1) == COLUMNS;
          int each = tokens ? values.length / (LENGTHS.length * COLUMNS) : values.length;
          long[] seen = mask.toLongs();
          for (int i = 0; i < values.length; i++) {
            if (!tokens || seen[i / each] != 0) {
              found.add(values[i]);
            }
          }
        });
    float[] all = new float[found.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = found.get(i);
    }
    return all;
  }

  private static Map<String, Tensor> batch(Job job) {
    int rows = LENGTHS.length;
    Random random = new Random(17);
    long[] ids = new long[rows * COLUMNS];
    long[] mask = new long[ids.length];
    long[] labels = new long[ids.length];
    Arrays.fill(labels, Collator.IGNORED);
    for (int row = 0; row < rows; row++) {
      int first = row * COLUMNS + (job.left() ? COLUMNS - LENGTHS[row] : 0);
      for (int i = first; i < first + LENGTHS[row]; i++) {
        ids[i] = 1 + random.nextInt(VOCABULARY - 1);
        mask[i] = 1;
        labels[i] = job.task().equals("token-classification") ? i % 2 : ids[i];
      }
      if (job.left()) {
        labels[first] = Collator.IGNORED; // padding would have to foretell it
      }
    }
    Map<String, Tensor> batch = new LinkedHashMap<>();
    batch.put("input_ids", Tensor.of(ids, rows, COLUMNS));
    batch.put("attention_mask", Tensor.of(mask, rows, COLUMNS));
    if (job.task().equals("question-answering")) {
      batch.put("start_positions", Tensor.of(new long[] {1, 5, 0, 2}, rows));
      batch.put("end_positions", Tensor.of(new long[] {3, 9, 0, 3}, rows));
    } else if (job.task().equals("sequence-classification")) {
      batch.put("labels", Tensor.of(new long[] {0, 1, 1, 0}, rows));
    } else {
      batch.put("labels", Tensor.of(labels, rows, COLUMNS));
    }
    return batch;
  }
}
