package dev.jlora.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A model as Hugging Face lays it out: {@code config.json}, weights, tokenizer, in one folder. */
public record ModelFolder(Path path) {
  /** Everything that goes along when weights are saved into another folder. */
  private static final List<String> COMPANIONS =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.txt",
          "vocab.json",
          "merges.txt",
          "spiece.model",
          "sentencepiece.bpe.model",
          "tokenizer.model",
          "generation_config.json",
          "preprocessor_config.json");

  /** Above this, {@code model_max_length} means that no limit was set. */
  private static final double NO_LIMIT = 1e9;

  /**
   * The folder at {@code path}.
   *
   * @throws FormatException if it is not there or has no {@code config.json}
   */
  public static ModelFolder open(Path path) {
    if (!Files.isDirectory(path)) {
      throw new FormatException(
          path,
          Files.exists(path) ? "is a file, expected a model's folder." : "no such folder.",
          "Give a folder with config.json, model.safetensors and tokenizer.json; models are read"
              + " from the disk, so fetch one first if you gave the name of an online one.");
    }
    if (!Files.isRegularFile(path.resolve("config.json"))) {
      throw new FormatException(
          path,
          "has no config.json, so it is not a model's folder.",
          "Give the folder that holds config.json and model.safetensors.");
    }
    return new ModelFolder(path);
  }

  public ModelConfig config() {
    return ModelConfig.read(path.resolve("config.json"));
  }

  /** The folder's {@code tokenizer.json}; a {@link FormatException} with the remedy if absent. */
  public Path tokenizer() {
    Path file = path.resolve("tokenizer.json");
    if (Files.isRegularFile(file)) {
      return file;
    }
    boolean old =
        Files.exists(path.resolve("vocab.txt")) || Files.exists(path.resolve("merges.txt"));
    throw new FormatException(
        path,
        "has no tokenizer.json"
            + (old ? ", only the vocabulary of an older tokenizer format." : "."),
        "Save a fast tokenizer there:"
            + " AutoTokenizer.from_pretrained(folder).save_pretrained(folder) in Python, or fetch"
            + " the model's tokenizer.json.");
  }

  /** {@code tokenizer_config.json}, where there is one. */
  public Optional<ModelConfig> tokenizerConfig() {
    return optional("tokenizer_config.json");
  }

  /** {@code generation_config.json}, where there is one. */
  public Optional<ModelConfig> generationConfig() {
    return optional("generation_config.json");
  }

  private Optional<ModelConfig> optional(String name) {
    Path file = path.resolve(name);
    return Files.isRegularFile(file) ? Optional.of(ModelConfig.read(file)) : Optional.empty();
  }

  /**
   * The longest sequence the model takes: the smaller of the tokenizer's {@code model_max_length}
   * and the model's {@code max_position_embeddings} (or {@code n_positions}), of those that are
   * set.
   */
  public OptionalInt maxLength() {
    ModelConfig config = config();
    double limit = NO_LIMIT;
    for (String key : List.of("max_position_embeddings", "n_positions")) {
      limit = Math.min(limit, config.number(key, NO_LIMIT));
    }
    Optional<ModelConfig> tokenizer = tokenizerConfig();
    if (tokenizer.isPresent()) {
      JsonNode value = tokenizer.get().json().path("model_max_length");
      limit = Math.min(limit, value.isNumber() ? value.doubleValue() : NO_LIMIT);
    }
    return limit < NO_LIMIT ? OptionalInt.of((int) limit) : OptionalInt.empty();
  }

  /** Names of files that {@link #companions()} looks for. */
  public static List<String> companionNames() {
    return COMPANIONS;
  }

  /** The files beside config and weights that a saved copy of the model needs, too. */
  public List<Path> companions() {
    return COMPANIONS.stream().map(path::resolve).filter(Files::isRegularFile).toList();
  }

  /** Copies {@link #companions()} into {@code target}, each whole or not at all. */
  public void copyCompanions(Path target) {
    for (Path file : companions()) {
      AtomicFiles.copy(file, target.resolve(file.getFileName()));
    }
  }
}
