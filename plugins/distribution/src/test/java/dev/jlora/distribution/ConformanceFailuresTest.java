package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.conformance.CaseResult;
import dev.jlora.engine.conformance.CaseResult.Status;
import dev.jlora.engine.conformance.Conformance;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a reference case asks for and the runner does not know is a failure that names it. */
class ConformanceFailuresTest {
  private static final Path TRAIN =
      Path.of("src/test/resources/goldens/lora-bert-seqcls-qv-linear");

  @TempDir Path folder;
  private final Conformance conformance = new Conformance(Plugins.load());

  @Test
  void an_unknown_kind() throws IOException {
    assertFails(
        train(about -> about.put("kind", "merged")), "kind: got 'merged', expected forward");
  }

  @Test
  void an_unknown_optimizer_and_unknown_arguments() throws IOException {
    assertFails(train(about -> about.put("optimizer", "lorapuls")), "lorapuls", "loraplus");
    assertFails(
        train(
            about -> {
              about.put("optimizer", "loraplus");
              about.putObject("optimizer_arguments").put("loraplus_ratio", 4);
            }),
        "loraplus_ratio");
  }

  @Test
  void other_learning_rates() throws IOException {
    Path plus = train(about -> about.put("optimizer", "loraplus"));
    assertFails(plus, "groups of learning_rates[0]: got 4, expected 1");
  }

  @Test
  void an_unknown_expectation_of_a_training() throws IOException {
    Path path = train(about -> {});
    expect(path, "surprise", true);
    assertFails(path, "surprise: an expectation of a kind this check does not know");
    Path merged = train(about -> about.put("mergeable", false));
    assertFails(merged, "merged.", "an expectation of a kind this check does not know");
  }

  @Test
  void unknown_parts_of_cases_with_several_adapters() throws IOException {
    Path mixed = several("mixed");
    expect(mixed, "logits.nobody", false);
    assertFails(mixed, "logits.nobody: an expectation of a kind this check does not know");

    Path combined = several("combined");
    ObjectNode about = Json.readObject(combined.resolve("case.json"));
    ObjectNode arguments = about.putObject("combinations").putObject("x");
    arguments.putArray("adapters").add("a");
    arguments.putArray("weights").add(1);
    arguments.put("combination_type", "cat").put("surprise", 1);
    Json.write(combined.resolve("case.json"), about);
    expect(combined, "logits.x", false);
    assertFails(combined, "unknown argument of a combination: surprise");
    arguments.remove("surprise");
    arguments.put("combination_type", "cats");
    Json.write(combined.resolve("case.json"), about);
    assertFails(combined, "combination_type: got 'cats', expected one of 'cat'");
    arguments.put("combination_type", "cat");
    Json.write(combined.resolve("case.json"), about);
    expect(combined, "delta.y.bert", true);
    assertFails(combined, "delta.y.bert: an expectation of a kind this check does not know");
  }

  private void assertFails(Path path, String... parts) {
    CaseResult result = conformance.check(path);
    assertThat(result.status()).as(result.line()).isEqualTo(Status.FAILED);
    assertThat(result.message()).contains(parts);
  }

  private Path train(Consumer<ObjectNode> change) throws IOException {
    Path path = Files.createTempDirectory(folder, "case");
    copy(TRAIN, path);
    ObjectNode about = Json.readObject(path.resolve("case.json"));
    change.accept(about);
    Json.write(path.resolve("case.json"), about);
    return path;
  }

  /** A case of one adapter, a, and a batch. */
  private Path several(String kind) throws IOException {
    Path path = Files.createTempDirectory(folder, "case");
    copy(TRAIN.resolve("base"), path.resolve("base"));
    copy(TRAIN.resolve("adapter_final"), path.resolve("adapters/a"));
    ObjectNode about = Json.mapper().createObjectNode();
    about.put("kind", kind).put("architecture", "BertForSequenceClassification");
    about.putArray("adapters").add("a");
    about.putArray("rows").add("a").add("__base__");
    about.putObject("tolerance").put("logits_abs", 1e-4).put("delta_abs", 1e-4);
    Json.write(path.resolve("case.json"), about);
    try (var _ = Scope.open()) {
      Map<String, Tensor> inputs =
          Map.of("input_ids", Tensor.of(new long[] {2, 5, 7, 2, 6, 8}, 2, 3));
      SafetensorsWriter.write(path.resolve("inputs.safetensors"), inputs);
    }
    return path;
  }

  /** Adds an expectation, to those that there are or in their place. */
  private static void expect(Path path, String name, boolean more) {
    Path file = path.resolve("expected.safetensors");
    Path changed = path.resolve("changed.safetensors");
    try (var _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put(name, Tensor.of(new float[] {1}, 1));
      if (more) {
        try (SafetensorsFile there = SafetensorsFile.open(file)) {
          there.entries().keySet().forEach(key -> tensors.put(key, there.tensor(key)));
          SafetensorsWriter.write(changed, tensors);
        }
      } else {
        SafetensorsWriter.write(changed, tensors);
      }
    }
    try {
      Files.move(changed, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path file : tree.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(file, target);
        }
      }
    }
  }
}
