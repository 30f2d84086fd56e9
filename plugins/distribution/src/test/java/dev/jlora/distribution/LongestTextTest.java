package dev.jlora.distribution;

import static dev.jlora.distribution.TypedLine.jlora;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.host.Plugins;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Without {@code --max-length} a text is cut to what the architecture takes: two tokens fewer than
 * RoBERTa's table of positions has rows, whatever the tokenizer says.
 */
class LongestTextTest {
  private static final String WORD = "film ";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "roberta, Roberta, ''",
    "roberta, Roberta, 514",
    "xlm-roberta, XLMRoberta, 1e30",
    "xlm-roberta, XLMRoberta, ''"
  })
  void a_longer_text_is_cut_to_what_the_model_takes(String type, String name, String tokenizer)
      throws IOException {
    String model = model(type, name + "ForSequenceClassification", tokenizer).toString();
    String row = "{\"text\": \"%s\", \"label\": \"%s\"}%n";
    Path rows =
        new TinyJob(folder)
            .rows("long.jsonl", row.formatted(WORD.repeat(50), "a") + row.formatted(WORD, "b"));
    String run = folder.resolve("run").toString();
    jlora(
            "train",
            "--model",
            model,
            "--train",
            rows.toString(),
            "--max-steps",
            "1",
            "--output",
            run)
        .said();
    assertThat(jlora("eval", run, "--test", rows.toString()).said()).startsWith("2 rows");
    assertThat(answer(run, 30)).isEqualTo(answer(run, 60)).isNotEqualTo(answer(run, 29));
  }

  /** The label and score of a text of so many words, which the line ends with. */
  private static String answer(String run, int words) {
    String said = jlora("predict", run, WORD.repeat(words), "--json").said();
    return said.substring(said.indexOf("\"scores\""));
  }

  private Path model(String type, String architecture, String maximum) throws IOException {
    Path model = Files.createDirectories(folder.resolve("model"));
    var config =
        Json.object(
            """
            {"model_type": "%s", "architectures": ["%s"], "vocab_size": 131, "hidden_size": 32,
             "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48,
             "max_position_embeddings": 34, "type_vocab_size": 1, "pad_token_id": 1,
             "initializer_range": 0.2, "layer_norm_eps": 1e-5, "hidden_act": "gelu"}
            """
                .formatted(type, architecture),
            "config.json");
    Json.write(model.resolve("config.json"), config);
    Files.copy(
        TinyBert.folder(folder.resolve("tokens")).resolve("tokenizer.json"),
        model.resolve("tokenizer.json"));
    Files.writeString(
        model.resolve("tokenizer_config.json"),
        maximum.isEmpty()
            ? "{\"pad_token\": \"[UNK]\"}"
            : "{\"pad_token\": \"[UNK]\", \"model_max_length\": %s}".formatted(maximum));
    Architecture declared =
        Plugins.load()
            .families()
            .get(type)
            .declare(ModelConfig.of("config.json", config), architecture);
    try (Network network = Network.of(declared, new RandomWeights(5), DType.FLOAT32)) {
      SafetensorsWriter.write(
          model.resolve(Checkpoint.SINGLE), network.state(), Map.of("format", "pt"));
    }
    return model;
  }
}
