package dev.jlora.distribution;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.gpt.LlamaFamily;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.spi.ModelFamily;
import dev.jlora.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Models of the Llama class with two layers of random weights, and a tokenizer of Llama 2's kind: a
 * token for every small letter, bytes for all else, spaces as U+2581, {@code <s>} in front.
 */
public final class TinyDecoder {
  private static final String SPACE = "\u2581";

  private TinyDecoder() {}

  /** Writes a model's folder; {@code more} is added to its configuration. */
  public static Path folder(Path folder, ModelFamily family, String more) {
    return folder(folder, family, more, DType.FLOAT32);
  }

  private static Path folder(Path folder, ModelFamily family, String more, DType dtype) {
    ObjectNode config =
        Json.object(
            """
            {"model_type": "%s", "architectures": ["%s"], "vocab_size": 288, "hidden_size": 32,
             "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
             "num_key_value_heads": 2, "max_position_embeddings": 64, "initializer_range": 0.2,
             "bos_token_id": 1, "eos_token_id": 2, "sliding_window": null %s}
            """
                .formatted(family.modelType(), family.architectures().get(1), more),
            "config.json");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Json.write(folder.resolve("config.json"), config);
    Json.write(folder.resolve("tokenizer.json"), tokenizer());
    Json.write(
        folder.resolve("tokenizer_config.json"),
        Map.of("bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>"));
    Architecture language =
        family.declare(ModelConfig.of("config.json", config), family.architectures().get(1));
    try (Network network = Network.of(language, new RandomWeights(5), dtype)) {
      SafetensorsWriter.write(
          folder.resolve(Checkpoint.SINGLE), network.state(), Map.of("format", "pt"));
    }
    return folder;
  }

  public static Path llama(Path folder) {
    return folder(folder, LlamaFamily.llama(), "");
  }

  /** One whose weights are stored in that type. */
  public static Path llama(Path folder, DType dtype) {
    return folder(folder, LlamaFamily.llama(), "", dtype);
  }

  private static Map<String, Object> tokenizer() {
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    List<Object> added = new ArrayList<>();
    for (String token : List.of("<unk>", "<s>", "</s>")) {
      Map<String, Object> special = new LinkedHashMap<>();
      special.put("id", vocabulary.size());
      special.put("content", token);
      for (String no : List.of("single_word", "lstrip", "rstrip", "normalized")) {
        special.put(no, false);
      }
      special.put("special", true);
      added.add(special);
      vocabulary.put(token, vocabulary.size());
    }
    for (int value = 0; value < 256; value++) {
      vocabulary.put("<0x%02X>".formatted(value), vocabulary.size());
    }
    vocabulary.put(SPACE, vocabulary.size());
    for (char letter = 'a'; letter <= 'z'; letter++) {
      vocabulary.put(String.valueOf(letter), vocabulary.size());
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("unk_token", "<unk>");
    model.put("fuse_unk", true);
    model.put("byte_fallback", true);
    model.put("vocab", vocabulary);
    model.put("merges", List.of());
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("version", "1.0");
    tokenizer.put("added_tokens", added);
    tokenizer.put(
        "normalizer",
        sequence(
            "normalizers",
            Map.of("type", "Prepend", "prepend", SPACE),
            Map.of("type", "Replace", "pattern", Map.of("String", " "), "content", SPACE)));
    tokenizer.put(
        "decoder",
        sequence(
            "decoders",
            Map.of("type", "Replace", "pattern", Map.of("String", SPACE), "content", " "),
            Map.of("type", "ByteFallback"),
            Map.of("type", "Fuse"),
            Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0)));
    tokenizer.put("post_processor", opening());
    tokenizer.put("model", model);
    return tokenizer;
  }

  private static Map<String, Object> sequence(String parts, Object... list) {
    return Map.of("type", "Sequence", parts, List.of(list));
  }

  private static Map<String, Object> opening() {
    Object first = Map.of("SpecialToken", Map.of("id", "<s>", "type_id", 0));
    Object text = Map.of("Sequence", Map.of("id", "A", "type_id", 0));
    Object second = Map.of("Sequence", Map.of("id", "B", "type_id", 1));
    return Map.of(
        "type",
        "TemplateProcessing",
        "single",
        List.of(first, text),
        "pair",
        List.of(first, text, second),
        "special_tokens",
        Map.of("<s>", Map.of("id", "<s>", "ids", List.of(1), "tokens", List.of("<s>"))));
  }
}
