package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A config.json with sizes that make no sense is refused at once, with the key's name. */
class AbsurdConfigTest {
  private static final List<String> SIZES =
      List.of("2147483647", "2147483648", "-1", "0", "1e300", "\"12\"", "[1]", "12.5");
  private static final List<String> SHARES = List.of("1e300", "-0.5", "1.5", "\"0.1\"", "[]");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bert        | sequence-classification | num_hidden_layers hidden_size intermediate_size vocab_size max_position_embeddings num_attention_heads type_vocab_size | hidden_dropout_prob attention_probs_dropout_prob layer_norm_eps
          roberta     | sequence-classification | num_hidden_layers hidden_size intermediate_size vocab_size max_position_embeddings num_attention_heads | hidden_dropout_prob layer_norm_eps
          distilbert  | sequence-classification | n_layers dim hidden_dim vocab_size max_position_embeddings n_heads | dropout attention_dropout seq_classif_dropout
          gpt2        | causal-lm               | n_layer n_embd n_inner vocab_size n_positions n_head | resid_pdrop embd_pdrop attn_pdrop layer_norm_epsilon
          llama       | causal-lm               | num_hidden_layers hidden_size intermediate_size vocab_size max_position_embeddings num_attention_heads num_key_value_heads head_dim | attention_dropout rms_norm_eps
          qwen2       | causal-lm               | num_hidden_layers hidden_size intermediate_size vocab_size num_attention_heads | attention_dropout
          vit         | image-classification    | num_hidden_layers hidden_size intermediate_size image_size patch_size num_channels num_attention_heads | hidden_dropout_prob layer_norm_eps
          """)
  void sizes_and_shares_out_of_range_are_refused(
      String type, String task, String sizes, String shares) throws IOException {
    for (String key : sizes.split(" ")) {
      for (String value : SIZES) {
        assertRefused(type, task, key, value, key);
      }
      if (key.contains("layer")) {
        assertRefused(type, task, key, "65536", key + " is 65,536, expected 1,024 at most");
      }
    }
    for (String key : shares.split(" ")) {
      for (String value : SHARES) {
        assertRefused(type, task, key, value, key);
      }
    }
    assertRefused(type, task, "initializer_range", "1e300", "initializer_range is 1.0E300");
  }

  @Test
  void numbers_of_labels_are_checked_before_names_are_made_of_them() throws IOException {
    for (String value : List.of("2147483647", "-3", "1e300", "\"2\"")) {
      assertRefused("bert", TaskSpec.SEQUENCE_CLASSIFICATION, "num_labels", value, "num_labels");
    }
    assertRefused(
        "bert", TaskSpec.SEQUENCE_CLASSIFICATION, "id2label", "[\"a\", \"b\"]", "id2label");
  }

  @Test
  void rotary_positions_are_checked_too() throws IOException {
    for (String value : List.of("1e300", "-1", "0", "\"x\"")) {
      assertRefused("llama", TaskSpec.CAUSAL_LM, "rope_theta", value, "rope_theta");
      assertRefused(
          "llama",
          TaskSpec.CAUSAL_LM,
          "rope_scaling",
          "{\"rope_type\": \"linear\", \"factor\": %s}".formatted(value),
          "factor");
    }
  }

  private void assertRefused(String type, String task, String key, String value, String expected)
      throws IOException {
    ObjectNode config =
        Json.object(
            """
            {"model_type": "%s", "num_labels": 2}
            """
                .formatted(type),
            "config.json");
    config.set(key, Json.object("{\"v\": %s}".formatted(value), "value").get("v"));
    String family = type.equals("bert") ? "Bert" : type;
    config.putArray("architectures").add(family + "ForSequenceClassification");
    Path model = Files.createDirectories(folder.resolve("model"));
    Json.write(model.resolve("config.json"), config);
    Path rows =
        Files.writeString(
            folder.resolve("rows.jsonl"),
            "{\"text\": \"a\", \"image\": \"a.png\", \"label\": \"LABEL_0\"}\n"
                + "{\"text\": \"b\", \"image\": \"b.png\", \"label\": \"LABEL_1\"}\n");
    JobSpec job =
        new JobSpec(
            ModelSpec.of(model.toString()),
            TaskSpec.of(task),
            LoraSpec.builder().build(),
            DataSpec.builder().train(rows.toString()).build(),
            OptimizerSpec.of("adamw", 1e-4),
            ScheduleSpec.of("linear"),
            TrainingSpec.builder().build());
    Engine engine = new Engine(Plugins.load());
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () ->
            assertThatThrownBy(() -> engine.plan(job))
                .as("%s: %s = %s", type, key, value)
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining(expected),
        () -> "%s: %s = %s".formatted(type, key, value));
    assertThat(config.has(key)).isTrue();
  }
}
