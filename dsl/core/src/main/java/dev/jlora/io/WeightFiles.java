package dev.jlora.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The names under which a model's folder may hold weights. */
public final class WeightFiles {
  /** All weights in one file. */
  public static final String SINGLE = "model.safetensors";

  /** Names the shards that hold the weights. */
  public static final String INDEX = "model.safetensors.index.json";

  /** Of older formats, which are known but not read. */
  static final List<String> PICKLED =
      List.of("pytorch_model.bin", "pytorch_model.bin.index.json", "model.bin");

  private WeightFiles() {}

  /** The file that a reader of the folder starts with; empty where it holds no weights. */
  public static Optional<Path> in(Path folder) {
    List<String> names = new ArrayList<>(List.of(SINGLE, INDEX));
    names.addAll(PICKLED);
    return names.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }

  /** The index of a sharded model and its shards, as far as they lie in the folder. */
  public static Set<Path> sharded(Path folder) {
    Set<Path> files = new LinkedHashSet<>();
    Path index = folder.resolve(INDEX);
    if (Files.isRegularFile(index)) {
      for (JsonNode shard : Json.readObject(index).path("weight_map")) {
        if (isPlain(shard.asText()) && Files.isRegularFile(folder.resolve(shard.asText()))) {
          files.add(folder.resolve(shard.asText()));
        }
      }
      files.add(index);
    }
    return files;
  }

  /** Whether a name in an index stays in the index's folder. */
  static boolean isPlain(String name) {
    return !name.isBlank()
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == 0)
        && !name.equals(".")
        && !name.equals("..");
  }
}
