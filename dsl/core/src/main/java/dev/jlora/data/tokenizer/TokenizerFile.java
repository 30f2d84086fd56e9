package dev.jlora.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.InputFile;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The combined contents of {@code tokenizer.json} and {@code tokenizer_config.json}.
 *
 * @param text the tokenizer for the library: without truncation, padding and special tokens, which
 *     are implemented in Java, and with the overrides of {@code tokenizer_config.json}
 * @param ids of added tokens and of the vocabulary
 * @param special ids of special tokens, ascending
 * @param added ids of added tokens, without the unknown token
 * @param template the positions of special tokens
 * @param cutsLeft whether truncation removes the beginning of a text
 * @param bytePieces ids of single-byte tokens that are decoded together; null if the decoder does
 *     not join tokens
 * @param risk the component that is not known to be safe; empty if there is none
 */
public record TokenizerFile(
    Path path,
    String text,
    Map<String, Integer> ids,
    int[] special,
    Set<Integer> added,
    Template template,
    boolean cutsLeft,
    Set<Integer> bytePieces,
    Optional<ModelConfig> roles,
    Optional<String> risk) {
  /** Larger than any model's file; parsing takes some twenty times as much memory. */
  private static final long LARGEST = 128L << 20;

  /** The tokenizer of a model folder, including its {@code tokenizer_config.json}. */
  public static TokenizerFile of(ModelFolder folder) {
    return read(folder.tokenizer(), folder.tokenizerConfig(), TokenizerClass.of(folder));
  }

  /** A {@code tokenizer.json} without a model folder. */
  public static TokenizerFile of(Path file) {
    return read(file, Optional.empty(), TokenizerClass.AS_IT_IS);
  }

  private static TokenizerFile read(Path file, Optional<ModelConfig> roles, TokenizerClass type) {
    requireSmall(file);
    ObjectNode json = Json.object(Json.text(file), file.toString());
    nameModel(file, json);
    if (PanicRisks.hasDamagedMap(json.path("normalizer"))) {
      throw new FormatException(
          file,
          "normalizer Precompiled has a precompiled_charsmap that is truncated or damaged.",
          "Fetch the tokenizer.json of the model again.");
    }
    type.apply(file, json);
    Map<String, Integer> ids = vocabulary(file, json.path("model").path("vocab"));
    NamedTokens.addTo(file, json, type.config(), ids);
    int vocabulary = json.path("model").path("vocab").size();
    var special = new TreeSet<Integer>();
    var added = new HashSet<Integer>();
    added(file, json, vocabulary, ids, special, added);
    Integer unknown = ids.get(json.path("model").path("unk_token").asText());
    if (unknown != null) {
      added.remove(unknown);
    }
    Template template = Template.read(file, json.path("post_processor"));
    json.set("post_processor", template.offsets());
    json.putNull("truncation");
    json.putNull("padding");
    String text = json.toString();
    return new TokenizerFile(
        file,
        text,
        ids,
        special.stream().mapToInt(Integer::intValue).toArray(),
        added,
        template,
        type.cutsLeft(),
        bytePieces(json, ids),
        roles,
        isText(text)
            ? PanicRisks.about(json)
            : Optional.of("it has unpaired surrogates, which are not text"));
  }

  private static boolean isText(String text) {
    return JniTokenizer.wellFormed(text).equals(text);
  }

  private static void requireSmall(Path file) {
    try {
      if (Files.isRegularFile(file) && Files.size(file) > LARGEST) {
        throw new FormatException(
            file,
            "has %,d MB, more than the %,d MB that a tokenizer may have."
                .formatted(Files.size(file) >> 20, LARGEST >> 20),
            "Check that it is the model's tokenizer.json.");
      }
    } catch (IOException e) {
      throw InputFile.unreadable(file.toString(), e);
    }
  }

  /** Adds the model's type, which old files lack; the library tries one after the other. */
  private static void nameModel(Path file, ObjectNode json) {
    if (!(json.path("model") instanceof ObjectNode model) || !model.has("vocab")) {
      throw new FormatException(
          file,
          "has no model.vocab, so it is not a tokenizer.",
          "Fetch the tokenizer.json that belongs to the model.");
    }
    if (!model.has("type")) {
      model.put(
          "type",
          model.has("merges")
              ? "BPE"
              : model.path("vocab").isArray()
                  ? "Unigram"
                  : model.has("max_input_chars_per_word") ? "WordPiece" : "WordLevel");
    }
  }

  private static Map<String, Integer> vocabulary(Path file, JsonNode vocabulary) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    if (vocabulary.isObject()) {
      vocabulary
          .properties()
          .forEach(entry -> ids.put(entry.getKey(), id(file, entry.getKey(), entry.getValue())));
    } else { // Unigram: a list of [token, score]
      int id = 0;
      for (JsonNode entry : vocabulary) {
        ids.put(entry.path(0).asText(), id++);
      }
    }
    return ids;
  }

  private static int id(Path file, String token, JsonNode id) {
    if (!id.isInt() || id.intValue() < 0 || id.intValue() == Integer.MAX_VALUE) {
      throw new FormatException(
          file,
          "gives the token %s the id %s, expected a whole number from 0."
              .formatted(Shown.of(token), Shown.of(id)),
          "Fetch the tokenizer.json of the model again.");
    }
    return id.intValue();
  }

  /**
   * The ids of added tokens: that of the vocabulary, if it has the token, else the next free one,
   * as assigned by the library; ids in the file are ignored.
   */
  private static void added(
      Path file,
      ObjectNode json,
      int vocabulary,
      Map<String, Integer> ids,
      Set<Integer> special,
      Set<Integer> added) {
    JsonNode tokens = json.path("added_tokens");
    if (!tokens.isArray() && !tokens.isMissingNode()) {
      throw new FormatException(
          file,
          "added_tokens is %s, expected a list.".formatted(Shown.of(tokens)),
          "Fetch the tokenizer.json of the model again.");
    }
    int next = vocabulary;
    for (JsonNode token : tokens) {
      String content = token.path("content").asText();
      id(file, content, token.path("id"));
      if (content.isEmpty()) {
        continue;
      }
      Integer known = ids.get(content);
      if (known == null) {
        known = next;
        ids.put(content, known);
      }
      added.add(known);
      next = Math.max(next, known >= vocabulary ? known + 1 : next);
      if (token.path("special").asBoolean()) {
        special.add(known);
      }
    }
  }

  private static Set<Integer> bytePieces(JsonNode json, Map<String, Integer> ids) {
    if (!json.path("decoder").toString().contains("\"ByteFallback\"")) {
      return Set.of();
    }
    var pieces = new HashSet<Integer>();
    for (int b = 0; b < 256; b++) {
      for (String form : new String[] {"<0x%02X>", "<0x%02x>"}) {
        Integer id = ids.get(form.formatted(b));
        if (id != null) {
          pieces.add(id);
        }
      }
    }
    return pieces;
  }

  /** The token with a role ({@code pad_token}, {@code mask_token}, ...), if there is one. */
  public OptionalInt role(String role, String usual) {
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
