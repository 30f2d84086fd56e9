package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.engine.benchmarks.BenchmarkSettings;
import dev.jlora.engine.benchmarks.StepBenchmark;
import dev.jlora.engine.benchmarks.StepReport;
import dev.jlora.host.Plugins;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.Precision;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Training steps where tensors have a device but no memory: whatever would touch a value on the
 * host, or mix devices, throws. What runs through here has the way of a step on a GPU right.
 */
class StepOnMetaTest {
  private static final String GPT2 =
      """
      {"model_type": "gpt2", "vocab_size": 64, "n_embd": 32, "n_layer": 2, "n_head": 4,
       "n_positions": 32}
      """;
  private static final String VIT =
      """
      {"model_type": "vit", "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
       "intermediate_size": 64, "image_size": 16, "patch_size": 4, "num_channels": 3}
      """;
  private static final String LLAMA =
      """
      {"model_type": "llama", "vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2,
       "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 64,
       "max_position_embeddings": 32, "rms_norm_eps": 1e-5}
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "bert-tiny, sequence-classification, BF16, false",
    "bert-tiny, sequence-classification, BF16, true",
    "bert-tiny, sequence-classification, FP32, false",
    "bert-tiny, token-classification, FP16, false",
    "gpt2, causal-lm, BF16, false",
    "gpt2, causal-lm, BF16, true",
    "gpt2, sequence-classification, BF16, false",
    "vit, image-classification, BF16, false",
    "vit, image-classification, FP32, true",
    "llama, causal-lm, BF16, false",
    "llama, causal-lm, BF16, true",
  })
  void a_step_stays_on_its_device(
      String model, String task, Precision precision, boolean checkpointing) throws IOException {
    long live = Tensor.live();
    StepReport report =
        new StepBenchmark(Plugins.load())
            .run(
                new BenchmarkSettings(
                    named(model),
                    task,
                    2,
                    16,
                    precision,
                    LoraSpec.builder().rank(4).dropout(0.1).build(),
                    2,
                    7,
                    "meta",
                    checkpointing,
                    "auto"));

    assertThat(report.steps()).isEqualTo(2);
    assertThat(report.peakDeviceBytes()).isPositive();
    assertThat(Tensor.live()).isEqualTo(live);
  }

  private String named(String model) throws IOException {
    String config =
        switch (model) {
          case "gpt2" -> GPT2;
          case "vit" -> VIT;
          case "llama" -> LLAMA;
          default -> null;
        };
    if (config == null) {
      return model;
    }
    Files.writeString(folder.resolve("config.json"), config);
    return folder.toString();
  }
}
