package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Wrong values in the files of a checkpoint: the run is resumed to the same bits, or the file and
 * the field are named.
 */
class DamagedCheckpointTest {
  private static final List<String> WRONG =
      List.of("null", "\"NaN\"", "true", "-1", "1.5", "7", "99999999999999999999", "[null]", "{}");

  @TempDir static Path folder;

  private static final Engine ENGINE = new Engine(Plugins.load());

  private static JobSpec job(String output, boolean resume) {
    return new TinyJob(folder)
        .job(
            output,
            t ->
                t.maxSteps(4)
                    .loggingSteps(1)
                    .evaluate(Interval.steps(1))
                    .save(Interval.steps(2))
                    .keepBest("loss")
                    .resume(resume));
  }

  @BeforeAll
  static void train() {
    ENGINE.train(job("whole", false));
  }

  private static Path checkpoint() {
    return folder.resolve("out/checkpoint-2");
  }

  /** A copy of the run as it was after two of its four steps. */
  private static void restore() throws IOException {
    Path out = folder.resolve("out");
    if (Files.exists(out)) {
      MoreFiles.deleteRecursively(out, RecursiveDeleteOption.ALLOW_INSECURE);
    }
    Files.createDirectories(checkpoint());
    Path whole = folder.resolve("whole");
    for (String name : List.of("job.json", ".jlora-run.json")) {
      Files.copy(whole.resolve(name), out.resolve(name));
    }
    for (String step : List.of("checkpoint-1", "checkpoint-2")) {
      if (Files.isDirectory(whole.resolve(step))) {
        Files.createDirectories(out.resolve(step));
        try (Stream<Path> files = Files.list(whole.resolve(step))) {
          for (Path file : files.toList()) {
            Files.copy(file, out.resolve(step).resolve(file.getFileName()));
          }
        }
      }
    }
  }

  /** The fields of an object and of those in it, and of the first entry of a list. */
  private static List<String> fields(JsonNode node, String path) {
    List<String> found = new ArrayList<>();
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        found.add(path + "/" + field.getKey());
        if (!field.getKey().equals("fingerprint")) { // its keys are compared like its own
          found.addAll(fields(field.getValue(), path + "/" + field.getKey()));
        }
      }
    } else if (node instanceof ArrayNode list && !list.isEmpty() && list.get(0).isObject()) {
      found.addAll(fields(list.get(0), path + "/0"));
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"checkpoint-2/resume.json", "checkpoint-2/trainer_state.json", ".jlora-run.json"})
  void every_wrong_value_of_every_field_is_named_or_does_not_matter(String name)
      throws IOException {
    assertThat(problems(name)).isEmpty();
  }

  /** Hundreds of runs: the file has forty fields, whose types PeftConfigTest covers. */
  @Tag("slow")
  @Test
  void neither_does_the_adapters_configuration() throws IOException {
    assertThat(problems("checkpoint-2/adapter_config.json")).isEmpty();
  }

  private static List<String> problems(String name) throws IOException {
    restore();
    Path file = folder.resolve("out").resolve(name);
    ObjectNode intact = Json.readObject(file);
    List<String> problems = new ArrayList<>();
    for (String field : fields(intact, "")) {
      String key = field.substring(field.lastIndexOf('/') + 1);
      String parent = field.substring(0, field.lastIndexOf('/'));
      ObjectNode missing = intact.deepCopy();
      ((ObjectNode) missing.at(parent)).remove(key);
      problems.addAll(problems(file, missing, key, field + " missing"));
      for (String value : WRONG) {
        ObjectNode changed = intact.deepCopy();
        ((ObjectNode) changed.at(parent)).set(key, Json.parse(value, value));
        problems.addAll(problems(file, changed, key, field + " = " + value));
      }
    }
    return problems;
  }

  private static List<String> problems(Path file, ObjectNode content, String key, String what)
      throws IOException {
    restore();
    Json.write(file, content);
    try {
      ENGINE.train(job("out", true));
    } catch (FormatException e) {
      String message = String.valueOf(e.getMessage());
      boolean named =
          message.contains(file.toString()) && message.contains(key)
              || message.contains(checkpoint() + ": was written by another job:\n  ")
              || message.contains(checkpoint() + ": is inconsistent about its step")
                  && message.contains(key);
      boolean folder = file.getFileName().toString().equals(".jlora-run.json");
      return named || folder ? List.of() : List.of(what + ": " + message);
    } catch (RuntimeException e) {
      return List.of(what + ": " + e);
    }
    Path result = folder.resolve("out/adapter_model.safetensors");
    return Files.mismatch(result, folder.resolve("whole/adapter_model.safetensors")) < 0
        ? List.of()
        : List.of(what + ": other weights");
  }

  @Test
  void wrong_tensors_of_the_optimizer_are_named() throws IOException {
    assertRefused(
        saved -> {
          saved.put("other", saved.remove(saved.keySet().iterator().next()));
          return saved;
        },
        "missing, other unexpected");
    assertRefused(
        saved -> {
          saved.replaceAll((_, _) -> Tensor.zeros(DType.FLOAT32, 1));
          return saved;
        },
        "got shape [1], expected");
    assertRefused(filled(Float.NaN), "holds NaN, expected only finite numbers");
    assertRefused(filled(Float.POSITIVE_INFINITY), "holds infinite values");
    assertRefused(
        saved -> {
          saved.replaceAll((_, tensor) -> Tensor.zeros(DType.FLOAT64, tensor.shape()));
          return saved;
        },
        "got FLOAT64, expected FLOAT32");
  }

  private static UnaryOperator<Map<String, Tensor>> filled(float value) {
    return saved -> {
      saved.replaceAll((_, tensor) -> Tensor.full(value, DType.FLOAT32, tensor.shape()));
      return saved;
    };
  }

  private static void assertRefused(UnaryOperator<Map<String, Tensor>> change, String message)
      throws IOException {
    restore();
    Path file = checkpoint().resolve("optimizer.safetensors");
    try (SafetensorsFile whole =
            SafetensorsFile.open(folder.resolve("whole/checkpoint-2/optimizer.safetensors"));
        var _ = Scope.open()) {
      Map<String, Tensor> saved = new LinkedHashMap<>();
      whole.entries().keySet().forEach(name -> saved.put(name, whole.tensor(name)));
      SafetensorsWriter.write(file, change.apply(saved));
    }
    assertThatThrownBy(() -> ENGINE.train(job("out", true)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }
}
