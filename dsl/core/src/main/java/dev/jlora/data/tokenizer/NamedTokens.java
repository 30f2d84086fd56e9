package dev.jlora.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.LoggerFactory;

/**
 * The tokens that {@code tokenizer_config.json} names. Like transformers, jlora recognizes them in
 * texts even if the {@code added_tokens} of {@code tokenizer.json} lack them. Only tokens of the
 * vocabulary are added: others would get ids for which the model has no embeddings.
 */
final class NamedTokens {
  private static final List<String> ROLES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private static final List<String> LISTS =
      List.of("additional_special_tokens", "extra_special_tokens");

  private NamedTokens() {}

  /**
   * Adds what is missing to a tokenizer, and logs it.
   *
   * @param config {@code tokenizer_config.json}
   * @param ids of the vocabulary
   */
  static void addTo(Path file, ObjectNode json, JsonNode config, Map<String, Integer> ids) {
    JsonNode list = json.path("added_tokens");
    if (!list.isMissingNode() && !list.isArray()) {
      return; // an error of its own
    }
    Set<String> known = new HashSet<>();
    list.forEach(token -> known.add(token.path("content").asText()));
    List<String> added = new ArrayList<>();
    named(config)
        .forEach(
            (content, token) -> {
              if (ids.containsKey(content) && known.add(content)) {
                ArrayNode tokens = json.withArray("added_tokens");
                tokens.add(token.put("id", ids.get(content)));
                added.add(content);
              }
            });
    if (!added.isEmpty()) {
      LoggerFactory.getLogger(NamedTokens.class)
          .info(
              "{}: tokenizer_config.json makes {} of its vocabulary tokens that are not split",
              file,
              added.stream().map(Shown::of).toList());
    }
  }

  /** The tokens by their text, as entries of {@code added_tokens} without ids. */
  private static Map<String, ObjectNode> named(JsonNode config) {
    Map<String, ObjectNode> named = new LinkedHashMap<>();
    config.path("added_tokens_decoder").forEach(token -> put(named, token, false));
    ROLES.forEach(role -> put(named, config.path(role), true));
    LISTS.forEach(list -> config.path(list).forEach(token -> put(named, token, true)));
    return named;
  }

  private static void put(Map<String, ObjectNode> named, JsonNode token, boolean special) {
    JsonNode content = token.isObject() ? token.path("content") : token;
    if (!content.isTextual() || content.textValue().isEmpty()) {
      return;
    }
    boolean is = special || token.path("special").asBoolean();
    named
        .computeIfAbsent(
            content.textValue(), text -> JsonNodeFactory.instance.objectNode().put("content", text))
        .put("single_word", token.path("single_word").asBoolean())
        .put("lstrip", token.path("lstrip").asBoolean())
        .put("rstrip", token.path("rstrip").asBoolean())
        .put("normalized", token.path("normalized").asBoolean(!is))
        .put("special", is);
  }
}
