package dev.jlora.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * What {@code tokenizer.json} and {@code tokenizer_config.json} say beside the rules of encoding:
 * token ids and the parts that special tokens play.
 *
 * @param text the file as it is
 * @param ids of added tokens and of the vocabulary
 * @param special ids of special tokens, ascending
 */
record TokenizerFile(
    Path path,
    String text,
    Map<String, Integer> ids,
    int[] special,
    Optional<ModelConfig> roles,
    OptionalInt modelLimit) {

  static TokenizerFile of(ModelFolder folder) {
    return read(folder.tokenizer(), folder.tokenizerConfig(), folder.maxLength());
  }

  static TokenizerFile of(Path file) {
    return read(file, Optional.empty(), OptionalInt.empty());
  }

  private static TokenizerFile read(Path file, Optional<ModelConfig> roles, OptionalInt limit) {
    String text = Json.text(file);
    JsonNode json = Json.object(text, file.toString());
    JsonNode vocabulary = json.path("model").path("vocab");
    if (vocabulary.isMissingNode()) {
      throw new FormatException(
          file,
          "has no model.vocab, so it is not a tokenizer.",
          "Fetch the tokenizer.json that belongs to the model.");
    }
    Map<String, Integer> ids = new LinkedHashMap<>();
    if (vocabulary.isObject()) {
      vocabulary.properties().forEach(entry -> ids.put(entry.getKey(), entry.getValue().asInt()));
    } else { // Unigram: a list of [token, score]
      int id = 0;
      for (JsonNode entry : vocabulary) {
        ids.put(entry.path(0).asText(), id++);
      }
    }
    var special = new TreeSet<Integer>();
    for (JsonNode token : json.path("added_tokens")) {
      ids.put(token.path("content").asText(), token.path("id").asInt());
      if (token.path("special").asBoolean()) {
        special.add(token.path("id").asInt());
      }
    }
    int[] sorted = special.stream().mapToInt(Integer::intValue).toArray();
    return new TokenizerFile(file, text, ids, sorted, roles, limit);
  }

  /** The token in a role ({@code pad_token}, {@code mask_token}, ...), if it has one. */
  OptionalInt role(String role, String usual) {
    String content = usual;
    if (roles.isPresent()) {
      JsonNode named = roles.get().json().path(role);
      JsonNode token = named.isObject() ? named.path("content") : named;
      content = token.isTextual() ? token.textValue() : usual;
    }
    Integer id = ids.get(content);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
