package dev.jlora.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** File names of weights in a model folder. */
public final class WeightFiles {
  /** All weights in one file. */
  public static final String SINGLE = "model.safetensors";

  /** The index of the shards. */
  public static final String INDEX = "model.safetensors.index.json";

  /** Older formats, which are recognized but not read. */
  static final List<String> PICKLED =
      List.of("pytorch_model.bin", "pytorch_model.bin.index.json", "model.bin");

  private WeightFiles() {}

  /** The file that a reader of the folder starts with; empty if it contains no weights. */
  public static Optional<Path> in(Path folder) {
    List<String> names = new ArrayList<>(List.of(SINGLE, INDEX));
    names.addAll(PICKLED);
    return names.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }

  /** The index of a sharded model and those of its shards that exist in the folder. */
  public static Set<Path> sharded(Path folder) {
    Set<Path> files = new LinkedHashSet<>();
    Path index = folder.resolve(INDEX);
    if (Files.isRegularFile(index)) {
      for (JsonNode shard : Json.readObject(index).path("weight_map")) {
        if (FileNames.isPlain(shard.asText())
            && Files.isRegularFile(folder.resolve(shard.asText()))) {
          files.add(folder.resolve(shard.asText()));
        }
      }
      files.add(index);
    }
    return files;
  }
}
