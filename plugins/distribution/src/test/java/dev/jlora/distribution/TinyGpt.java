package dev.jlora.distribution;

import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.Architecture;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A GPT-2 of one layer with random weights, whose tokens are a few words. */
public final class TinyGpt {
  public static final int CONTEXT = 24;
  private static final List<String> WORDS =
      List.of("<|endoftext|>", "?", "one", "two", "three", "four", "five", "six", "count", "from");

  private TinyGpt() {}

  /** Writes the model's folder. */
  public static Path folder(Path folder) {
    try {
      Files.createDirectories(folder);
      var json = Json.mapper().createObjectNode();
      json.put("model_type", "gpt2").put("vocab_size", WORDS.size()).put("n_positions", CONTEXT);
      json.put("n_embd", 32).put("n_layer", 1).put("n_head", 4).put("initializer_range", 0.2);
      json.put("resid_pdrop", 0).put("attn_pdrop", 0).put("embd_pdrop", 0);
      json.put("eos_token_id", 0).putArray("architectures").add("GPT2LMHeadModel");
      Json.write(folder.resolve("config.json"), json);
      Json.write(folder.resolve("tokenizer.json"), tokenizer());
      weights(ModelConfig.of("config.json", json), folder.resolve("model.safetensors"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void weights(ModelConfig config, Path file) {
    Architecture declared =
        Plugins.load().families().get("gpt2").declare(config, "GPT2LMHeadModel");
    try (Network network = Network.of(declared, new RandomWeights(3), DType.FLOAT32);
        var _ = Scope.open()) {
      Map<String, Tensor> weights = new LinkedHashMap<>();
      network.parameters().forEach(one -> weights.put(one.name(), one.value()));
      SafetensorsWriter.write(file, weights, Map.of("format", "pt"));
    }
  }

  private static Map<String, Object> tokenizer() {
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    WORDS.forEach(word -> vocabulary.put(word, vocabulary.size()));
    Map<String, Object> end = new LinkedHashMap<>();
    end.put("id", 0);
    end.put("content", WORDS.getFirst());
    for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      end.put(flag, false);
    }
    end.put("special", true);
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("version", "1.0");
    tokenizer.put("added_tokens", List.of(end));
    tokenizer.put("pre_tokenizer", Map.of("type", "WhitespaceSplit"));
    tokenizer.put("model", Map.of("type", "WordLevel", "unk_token", "?", "vocab", vocabulary));
    return tokenizer;
  }
}
