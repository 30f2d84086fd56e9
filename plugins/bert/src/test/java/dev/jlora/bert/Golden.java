package dev.jlora.bert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A reference case made by transformers: a small model, a batch, and what it answered. */
record Golden(Path folder, JsonNode facts) {
  static final Path CARRIED = Path.of("../distribution/src/test/resources/goldens");

  /** All cases are beside the repository where the full set was fetched. */
  static final Path ALL = Path.of("../../../shared/goldens/cases");

  static Golden open(Path folder) throws IOException {
    return new Golden(folder, new ObjectMapper().readTree(folder.resolve("case.json").toFile()));
  }

  static Golden open(String name) throws IOException {
    return open(CARRIED.resolve(name));
  }

  /** The forward cases of BERT: those the project carries, or the full set where it is present. */
  static List<Golden> forwardCases() throws IOException {
    try (Stream<Path> folders = Files.list(Files.isDirectory(ALL) ? ALL : CARRIED)) {
      return folders
          .filter(folder -> folder.getFileName().toString().startsWith("bert-"))
          .sorted()
          .map(Golden::opened)
          .toList();
    }
  }

  private static Golden opened(Path folder) {
    try {
      return open(folder);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  String architecture() {
    return facts.get("architecture").asText();
  }

  double tolerance(double expected) {
    JsonNode tolerance = facts.get("tolerance");
    return tolerance.get("abs").asDouble() + tolerance.get("rel").asDouble() * Math.abs(expected);
  }

  ModelConfig config() {
    return ModelConfig.read(folder.resolve("base/config.json"));
  }

  Checkpoint checkpoint() {
    return Checkpoint.open(folder.resolve("base"));
  }

  /** The tensors of a file of the case, in the current scope and in memory of their own. */
  Map<String, Tensor> tensors(String file) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile opened = SafetensorsFile.open(folder.resolve(file))) {
      for (String name : opened.entries().keySet()) {
        Tensor mapped = opened.tensor(name);
        tensors.put(name, dev.jlora.ops.Ops.clone(mapped));
        mapped.close();
      }
    }
    return tensors;
  }

  @Override
  public String toString() {
    return folder.getFileName().toString();
  }
}
