package dev.jlora.distribution;

import dev.jlora.io.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A BERT of two layers from the reference cases, with a word tokenizer made to fit it. */
public final class TinyBert {
  private static final Path BASE = Path.of("src/test/resources/goldens/bert-mlm/base");
  private static final List<String> WORDS =
      List.of(
          "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "plot", "a", "the",
          "and", "with", "very", "it", "was");

  private TinyBert() {}

  /** Writes the model's folder, unless it is there. */
  public static Path folder(Path folder) {
    return folder(folder, 0.1);
  }

  /** The same, with this dropout. */
  public static Path folder(Path folder, double dropout) {
    return folder(folder, BASE, dropout);
  }

  /** The BERT of another reference case, whose head it keeps, without dropout. */
  public static Path folder(Path folder, Path base) {
    return folder(folder, base, 0);
  }

  private static Path folder(Path folder, Path base, double dropout) {
    try {
      if (Files.isDirectory(folder)) {
        return folder;
      }
      Files.createDirectories(folder);
      Files.copy(base.resolve("model.safetensors"), folder.resolve("model.safetensors"));
      var config = Json.readObject(base.resolve("config.json"));
      config.put("hidden_dropout_prob", dropout).put("attention_probs_dropout_prob", dropout);
      Json.write(folder.resolve("config.json"), config);
      Json.write(folder.resolve("tokenizer.json"), tokenizer());
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Labelled rows of different lengths. */
  public static String reviews(int count) {
    var lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String word = i % 2 == 0 ? "good" : "bad";
      String text = "a very %s film ".formatted(word) + "and the plot was it ".repeat(i % 5);
      lines.append("{\"text\": \"%s\", \"label\": \"%s\"}%n".formatted(text.strip(), word));
    }
    return lines.toString();
  }

  private static Map<String, Object> tokenizer() {
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    List<Object> added = new ArrayList<>();
    for (int id = 0; id < WORDS.size(); id++) {
      vocabulary.put(WORDS.get(id), id);
      if (WORDS.get(id).startsWith("[")) {
        added.add(
            Map.of(
                "id",
                id,
                "content",
                WORDS.get(id),
                "single_word",
                false,
                "lstrip",
                false,
                "rstrip",
                false,
                "normalized",
                false,
                "special",
                true));
      }
    }
    var tokenizer = new LinkedHashMap<String, Object>();
    tokenizer.put("version", "1.0");
    tokenizer.put("added_tokens", added);
    tokenizer.put("pre_tokenizer", Map.of("type", "BertPreTokenizer"));
    tokenizer.put(
        "post_processor",
        Map.of("type", "BertProcessing", "sep", List.of("[SEP]", 3), "cls", List.of("[CLS]", 2)));
    tokenizer.put(
        "model",
        Map.of(
            "type",
            "WordPiece",
            "unk_token",
            "[UNK]",
            "continuing_subword_prefix",
            "##",
            "max_input_chars_per_word",
            100,
            "vocab",
            vocabulary));
    return tokenizer;
  }
}
