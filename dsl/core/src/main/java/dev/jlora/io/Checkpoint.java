package dev.jlora.io;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.SafetensorsFile.Entry;
import dev.jlora.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights of a model folder: one {@code model.safetensors}, or several with a {@code
 * model.safetensors.index.json}. All files are mapped and checked on opening.
 *
 * <p>Owns the mappings: tensors created from them are valid until {@link #close()}.
 */
public final class Checkpoint implements AutoCloseable {
  public static final String SINGLE = WeightFiles.SINGLE;
  public static final String INDEX = WeightFiles.INDEX;

  private final Path folder;
  private final List<SafetensorsFile> files;
  private final Map<String, SafetensorsFile> byName;

  private Checkpoint(
      Path folder, List<SafetensorsFile> files, Map<String, SafetensorsFile> byName) {
    this.folder = folder;
    this.files = files;
    this.byName = Collections.unmodifiableMap(byName);
  }

  /**
   * Opens the weights of {@code folder}, which may also be the path of a single safetensors file.
   *
   * @throws FormatException if there are none, or one of the files is invalid
   */
  public static Checkpoint open(Path folder) {
    if (Files.isRegularFile(folder)) {
      return single(folder, folder);
    }
    if (!Files.isDirectory(folder)) {
      throw new FormatException(
          folder, "no such folder.", "Give a folder with config.json and " + SINGLE + ".");
    }
    if (Files.exists(folder.resolve(SINGLE))) {
      return single(folder, folder.resolve(SINGLE));
    }
    if (Files.exists(folder.resolve(INDEX))) {
      return sharded(folder, folder.resolve(INDEX));
    }
    throw noWeights(folder);
  }

  private static Checkpoint single(Path folder, Path file) {
    SafetensorsFile opened = SafetensorsFile.open(file);
    Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
    opened.entries().keySet().forEach(name -> byName.put(name, opened));
    return new Checkpoint(folder, List.of(opened), byName);
  }

  private static Checkpoint sharded(Path folder, Path index) {
    JsonNode map = Json.readObject(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw new FormatException(
          index, "has no weight_map, expected one from tensor names to files.", "Fetch it again.");
    }
    Map<String, SafetensorsFile> shards = new LinkedHashMap<>();
    Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
    try {
      for (var field : map.properties()) {
        String shard = shardName(index, field.getKey(), field.getValue());
        SafetensorsFile file = shards.get(shard);
        if (file == null) {
          file = openShard(index, folder.resolve(shard));
          shards.put(shard, file);
        }
        if (!file.entries().containsKey(field.getKey())) {
          throw new FormatException(
              index,
              "says that tensor '" + field.getKey() + "' is in " + shard + ", which has none.",
              "The index and its files are not of one model; fetch all of them again.");
        }
        byName.put(field.getKey(), file);
      }
      return new Checkpoint(folder, List.copyOf(shards.values()), byName);
    } catch (RuntimeException e) {
      shards.values().forEach(SafetensorsFile::close);
      throw e;
    }
  }

  /**
   * The file that contains a tensor. Only plain names are accepted, so that an index cannot refer
   * to files outside of its folder.
   */
  private static String shardName(Path index, String tensor, JsonNode value) {
    String problem =
        value.isTextual()
            ? FileNames.problem(value.asText())
            : "got %s, expected the name of a file".formatted(value);
    if (problem != null) {
      throw new FormatException(
          index,
          "does not name the file of tensor '%s': %s.".formatted(tensor, problem),
          "Fetch the index again.");
    }
    return value.asText();
  }

  private static SafetensorsFile openShard(Path index, Path shard) {
    if (!Files.isRegularFile(shard)) {
      throw new FormatException(
          index,
          "names " + shard.getFileName() + ", which is not in the folder.",
          "Fetch the missing file; a sharded model needs all of its files.");
    }
    return SafetensorsFile.open(shard);
  }

  private static FormatException noWeights(Path folder) {
    for (String pickled : WeightFiles.PICKLED) {
      if (Files.exists(folder.resolve(pickled))) {
        return new FormatException(
            folder,
            "has " + pickled + " but no " + SINGLE + "; jlora does not read pickled weights.",
            "Convert them once in Python, with transformers:"
                + " AutoModel.from_pretrained(folder).save_pretrained(folder), using the class of"
                + " the model's head instead of AutoModel where it has one; or fetch the"
                + " safetensors file of the same model.");
      }
    }
    return new FormatException(
        folder,
        "has no weights, expected " + SINGLE + " or " + INDEX + ".",
        "Fetch the model's safetensors files into the folder.");
  }

  public Path folder() {
    return folder;
  }

  /** The files that contain the weights. */
  public List<Path> files() {
    return files.stream().map(SafetensorsFile::path).toList();
  }

  /** All tensor names. */
  public Set<String> names() {
    return Collections.unmodifiableSet(new LinkedHashSet<>(byName.keySet()));
  }

  public boolean has(String name) {
    return byName.containsKey(name);
  }

  /**
   * Shape, dtype and position of a tensor; a {@link FormatException} if there is no such tensor.
   */
  public Entry entry(String name) {
    return file(name).entry(name);
  }

  /** The file that contains a tensor. */
  public Path fileOf(String name) {
    return file(name).path();
  }

  /** A tensor over the mapped bytes, without a copy; see {@link SafetensorsFile#tensor}. */
  public Tensor tensor(String name) {
    return file(name).tensor(name);
  }

  /** The bytes of a tensor, in place and read-only. */
  public MemorySegment bytes(String name) {
    return file(name).bytes(name);
  }

  private SafetensorsFile file(String name) {
    SafetensorsFile file = byName.get(name);
    if (file == null) {
      throw new FormatException(
          folder,
          "has no tensor '" + name + "' (nearest: " + Names.some(byName.keySet(), name) + ").",
          "Check that the weights belong to this config.json.");
    }
    return file;
  }

  /** Calls {@link SafetensorsFile#requireUnchanged} for each of its files. */
  public void requireUnchanged() {
    files.forEach(SafetensorsFile::requireUnchanged);
  }

  /** Closes the mappings. */
  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }
}
