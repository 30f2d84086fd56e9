package dev.jlora.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files that transformers' {@code save_pretrained} (4 and 5) writes next to configuration and
 * weights: tokenizers with their vocabularies and templates, generation settings, processors.
 */
final class Companions {
  private static final Set<String> NAMES =
      Set.of(
          ModelFolder.TOKENIZER,
          ModelFolder.TOKENIZER_CONFIG,
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.txt",
          "vocab.json",
          "vocab.bpe",
          "merges.txt",
          "bpe.codes",
          "encoder.json",
          "dict.txt",
          "emoji.json",
          "normalizer.json",
          "tekken.json",
          "chat_template.json",
          "chat_template.jinja",
          "generation_config.json",
          "preprocessor_config.json",
          "processor_config.json",
          "image_processor_config.json",
          "video_preprocessor_config.json",
          "feature_extractor_config.json");

  /** SentencePiece models and other tokenizer files without a fixed name. */
  private static final List<String> ENDINGS = List.of(".model", ".spm", ".tiktoken");

  /** Folders of additional chat templates, by name. */
  private static final List<String> FOLDERS = List.of("additional_chat_templates");

  private Companions() {}

  /** The companions in a model folder, sorted by name: files, and folders of templates. */
  static List<Path> of(Path folder) {
    return entries(folder).stream().filter(Companions::is).toList();
  }

  /** Whether an entry of a folder is a companion. */
  static boolean is(Path entry) {
    return Files.isDirectory(entry)
        ? FOLDERS.contains(entry.getFileName().toString())
        : Files.isRegularFile(entry) && isCompanion(entry);
  }

  /** Companion names that do not depend on the tokenizer. */
  static Set<String> usualNames() {
    Set<String> names = new HashSet<>(NAMES);
    names.addAll(FOLDERS);
    return names;
  }

  /** Copies them to the same places below {@code target}, each file atomically. */
  static void copy(Path folder, Path target) {
    for (Path companion : of(folder)) {
      Path copy = target.resolve(companion.getFileName());
      if (!Files.isDirectory(companion)) {
        AtomicFiles.copy(companion, copy);
        continue;
      }
      for (Path file : entries(companion)) {
        if (Files.isRegularFile(file)) {
          createFolder(copy);
          AtomicFiles.copy(file, copy.resolve(file.getFileName()));
        }
      }
    }
  }

  private static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isCompanion(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return NAMES.contains(name) || ENDINGS.stream().anyMatch(name::endsWith);
  }

  private static List<Path> entries(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    } catch (IOException e) {
      throw new FormatException(
          folder.toString(),
          "cannot be listed (" + InputFile.reason(e) + ").",
          "Check its permissions.",
          e);
    }
  }
}
