package dev.jlora.io;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** A model folder in Hugging Face's layout: {@code config.json}, weights, tokenizer. */
public record ModelFolder(Path path) {
  /** The tokenizer's file: {@value}. */
  public static final String TOKENIZER = "tokenizer.json";

  /** The file with the tokenizer's settings: {@value}. */
  public static final String TOKENIZER_CONFIG = "tokenizer_config.json";

  /** Above this, {@code model_max_length} means that there is no limit. */
  private static final double NO_LIMIT = 1e9;

  /**
   * The folder at {@code path}.
   *
   * @throws FormatException if it does not exist or has no {@code config.json}
   */
  public static ModelFolder open(Path path) {
    if (!Files.isDirectory(path)) {
      throw new FormatException(
          path,
          Files.exists(path) ? "is a file, expected a model folder." : "no such folder.",
          "Give a folder with config.json, model.safetensors and tokenizer.json; models are read"
              + " from disk, so download one first if you gave the name of a model on a hub.");
    }
    if (!Files.isRegularFile(path.resolve(ModelConfig.FILE))) {
      throw new FormatException(
          path,
          "has no config.json, so it is not a model folder.",
          "Give the folder that holds config.json and model.safetensors.");
    }
    return new ModelFolder(path);
  }

  public ModelConfig config() {
    return ModelConfig.read(path.resolve(ModelConfig.FILE));
  }

  /** The folder's {@code tokenizer.json}; a {@link FormatException} with the remedy if absent. */
  public Path tokenizer() {
    Path file = path.resolve(TOKENIZER);
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

  /** {@code tokenizer_config.json}, if there is one. */
  public Optional<ModelConfig> tokenizerConfig() {
    return optional(TOKENIZER_CONFIG);
  }

  /** {@code generation_config.json}, if there is one. */
  public Optional<ModelConfig> generationConfig() {
    return optional("generation_config.json");
  }

  private Optional<ModelConfig> optional(String name) {
    Path file = path.resolve(name);
    return Files.isRegularFile(file) ? Optional.of(ModelConfig.read(file)) : Optional.empty();
  }

  /**
   * The maximum sequence length: the smaller of the tokenizer's {@code model_max_length} and the
   * model's {@code max_position_embeddings} (or {@code n_positions}), of those that are set.
   */
  public OptionalInt maxLength() {
    ModelConfig config = config();
    double limit = NO_LIMIT;
    for (String key : List.of("max_position_embeddings", "n_positions")) {
      limit = Math.min(limit, config.number(key, NO_LIMIT));
    }
    limit = Math.min(limit, tokenizerLimit().orElse((int) NO_LIMIT));
    return limit < NO_LIMIT ? OptionalInt.of((int) limit) : OptionalInt.empty();
  }

  /**
   * The tokenizer's {@code model_max_length}, if set.
   *
   * @throws FormatException naming the file, if the value is not a number
   */
  public OptionalInt tokenizerLimit() {
    double limit =
        tokenizerConfig()
            .map(config -> config.number("model_max_length", NO_LIMIT))
            .orElse(NO_LIMIT);
    return limit >= 1 && limit < NO_LIMIT ? OptionalInt.of((int) limit) : OptionalInt.empty();
  }

  /** The file or folder with the model's chat template, if there is one. */
  public Optional<String> chatTemplate() {
    for (String name :
        List.of("chat_template.jinja", "chat_template.json", "additional_chat_templates")) {
      if (Files.exists(path.resolve(name))) {
        return Optional.of(path.resolve(name).toString());
      }
    }
    return tokenizerConfig()
        .filter(config -> config.json().hasNonNull("chat_template"))
        .map(_ -> path.resolve(TOKENIZER_CONFIG).toString());
  }

  /** The usual names of {@link #companions()}; tokenizers may have others. */
  public static Set<String> companionNames() {
    return Companions.usualNames();
  }

  /** Whether an entry of a folder is one of its {@link #companions()}, judging by its name. */
  public static boolean isCompanion(Path entry) {
    return Companions.is(entry);
  }

  /**
   * Other files that a saved copy of the model needs besides config and weights: tokenizer files
   * and the like, and the folder of additional chat templates.
   */
  public List<Path> companions() {
    return Companions.of(path);
  }

  /** Copies {@link #companions()} into {@code target}, each file atomically. */
  public void copyCompanions(Path target) {
    Companions.copy(path, target);
  }

  /**
   * Whether a folder contains weights of a model, in one file or in shards; includes older formats,
   * which jlora does not read but must not overwrite.
   */
  public static boolean holdsWeights(Path folder) {
    return WeightFiles.in(folder).isPresent();
  }

  /** Whether a folder contains a model: a configuration and weights. */
  public static boolean isModel(Path folder) {
    return Files.isRegularFile(folder.resolve(ModelConfig.FILE)) && holdsWeights(folder);
  }
}
