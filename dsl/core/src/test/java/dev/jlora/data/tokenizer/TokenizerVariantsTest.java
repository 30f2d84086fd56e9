package dev.jlora.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.io.Json;
import dev.jlora.io.ModelFolder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of normalizer, pre-tokenizer, post-processor and decoder, added tokens with each flag,
 * stored truncation, and the tokens of {@code tokenizer_config.json}: ids and texts are those of
 * {@code AutoTokenizer}. {@code resources/tokenizers/variants.py} made tokenizers and results.
 */
class TokenizerVariantsTest {
  private static final JsonNode ALL = Json.readObject(resource());

  @TempDir Path folder;

  private static Path resource() {
    try {
      return Path.of(
          Objects.requireNonNull(
                  TokenizerVariantsTest.class.getResource("/tokenizers/variants.json"))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<String> names() {
    List<String> names = new ArrayList<>();
    ALL.get("cases").forEach(each -> names.add(each.get("name").asText()));
    return names;
  }

  private static JsonNode named(String name) {
    for (JsonNode each : ALL.get("cases")) {
      if (each.get("name").asText().equals(name)) {
        return each;
      }
    }
    throw new IllegalArgumentException(name);
  }

  @ParameterizedTest
  @MethodSource("names")
  void ids_and_texts_are_those_of_transformers(String name) throws Exception {
    JsonNode expected = named(name);
    ObjectNode json = ALL.get("base").deepCopy();
    json.setAll((ObjectNode) expected.get("changes"));
    Json.write(folder.resolve("tokenizer.json"), json);
    Json.write(folder.resolve("tokenizer_config.json"), expected.get("config"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"bert\"}");
    JsonNode texts = ALL.get("texts");
    try (TextEncoder encoder = TextEncoder.open(ModelFolder.open(folder), TextOptions.DEFAULT)) {
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i).asText();
        int[] ids = numbers(expected.get("ids").get(i));
        assertThat(encoder.encode(text).ids()).as(text).containsExactly(ids);
        if (!expected.get("dec").isNull()) {
          assertThat(encoder.decode(ids)).isEqualTo(expected.get("dec").get(i).asText());
        }
      }
      assertThat(encoder.encode(texts.get(0).asText(), texts.get(1).asText()).ids())
          .containsExactly(numbers(expected.get("pair")));
    }
  }

  private static int[] numbers(JsonNode list) {
    return Json.mapper().convertValue(list, int[].class);
  }
}
