package dev.jlora.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.Json;
import dev.jlora.io.ModelFolder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The classes of RoBERTa, XLM-RoBERTa and Qwen2 give the ids of {@code AutoTokenizer}. {@code
 * resources/tokenizers/make.py} made files and ids.
 */
class TokenizerIdsTest {
  @TempDir Path folder;

  static List<JsonNode> cases() throws URISyntaxException {
    List<JsonNode> cases = new ArrayList<>();
    Json.readObject(resource("ids.json")).get("cases").forEach(cases::add);
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void ids_are_those_of_transformers(JsonNode expected) throws Exception {
    Files.copy(resource(expected.get("file").asText() + ".json"), folder.resolve("tokenizer.json"));
    String config = "{\"model_type\":\"%s\"}".formatted(expected.get("model_type").asText());
    Files.writeString(folder.resolve("config.json"), config);
    Files.writeString(folder.resolve("tokenizer_config.json"), expected.get("config").toString());
    try (TextEncoder encoder = TextEncoder.open(ModelFolder.open(folder), TextOptions.DEFAULT)) {
      expected
          .get("ids")
          .properties()
          .forEach(
              text ->
                  assertThat(encoder.encode(text.getKey()).ids())
                      .as(text.getKey())
                      .containsExactly(numbers(text.getValue())));
      JsonNode texts = Json.readObject(resource("ids.json")).get("texts");
      assertThat(encoder.encode(texts.get(0).asText(), texts.get(1).asText()).ids())
          .containsExactly(numbers(expected.get("pair")));
    }
  }

  private static int[] numbers(JsonNode list) {
    return Json.mapper().convertValue(list, int[].class);
  }

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(TokenizerIdsTest.class.getResource("/tokenizers/" + name).toURI());
  }
}
