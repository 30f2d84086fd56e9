package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.io.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts, programs and jobs of {@code examples}, run as a user runs them. */
class ScriptsTest {
  private static final Path EXAMPLES = Path.of("../../examples").toAbsolutePath().normalize();

  /** A folder from which {@code examples/...} is seen, and into which results go. */
  @TempDir Path project;

  @BeforeEach
  void showExamples() throws Exception {
    Files.createSymbolicLink(project.resolve("examples"), EXAMPLES);
  }

  @Test
  void a_fine_tuning_job_in_jshell() throws Exception {
    String said = jlora("run", "examples/jshell/finetune.jsh", "out", "32");
    assertThat(said)
        .contains(
            "24 modules get an adapter",
            "not in the base model: bert.pooler, classifier, trained in full",
            "8 steps",
            "eval_accuracy")
        .containsPattern("(positive|negative)  A joy from beginning to end\\.");
    assertThat(project.resolve("out/adapter_model.safetensors")).isRegularFile();
  }

  @Test
  void a_look_at_a_model_in_jshell() throws Exception {
    assertThat(jlora("run", "examples/jshell/inspect.jsh"))
        .contains(
            "bert: 4 layers, hidden size 128",
            "bert.embeddings.word_embeddings.weight FLOAT32 [8192, 128]",
            "24 modules get an adapter",
            "bert.encoder.layer.0.attention.self.query");
  }

  @Test
  void a_java_program() throws Exception {
    List<String> said = jlora("run", "examples/java/Reviews.java").lines().toList();
    assertThat(said).anyMatch(line -> line.startsWith("step 100 of 100, epoch 4.00: loss "));
    assertThat(said.getLast()).isIn("positive", "negative");
    assertThat(project.resolve("runs/reviews/adapter_config.json")).isRegularFile();
  }

  @ParameterizedTest
  @ValueSource(strings = {"reviews.json", "reviews-best-of.json"})
  void a_job(String name) throws Exception {
    ObjectNode job = Json.readObject(EXAMPLES.resolve("jobs").resolve(name));
    ObjectNode data = (ObjectNode) job.get("data");
    data.put("train_limit", 32).put("validation_limit", 16).put("test_limit", 16);
    ObjectNode training = (ObjectNode) job.get("training");
    training.put("epochs", 1).put("output", "out");
    Json.write(project.resolve("short.json"), job);

    assertThat(jlora("run", "short.json"))
        .contains("get an adapter", "trained 2 steps", "eval_accuracy");
  }

  /** What the command said; fails if its exit code is not 0. */
  private String jlora(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.jlora.cli.Main"));
    command.addAll(List.of(arguments));
    Path said = project.resolve("said.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    String text = Files.readString(said);
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }
}
