package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line takes any adapter method: in a run, and in the benchmark of a step. */
class MethodOptionsTest {
  private static final String[] STEP = {
    "bench",
    "step",
    "--model",
    "bert-tiny",
    "--batch",
    "1",
    "--length",
    "8",
    "--steps",
    "1",
    "--json"
  };

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lora | {} | 'rank': 8, 'alpha': 32, 'dropout': 0.1",
        "lora | {'rank': 2} | 'rank': 2, 'alpha': 32",
        "ia3 | {} | 'init_ia3_weights': true",
        "bottleneck | {'reduction_factor': 4} | 'reduction_factor': 4",
      })
  void a_step_of_any_method_is_timed(String method, String settings, String expected) {
    TypedLine line = step("--method", method, "--settings", settings.replace('\'', '"'));
    assertThat(line.code()).as(line.err()).isZero();
    JsonNode report = Json.parse(line.out(), "the report");
    assertThat(report.findValue("step_s").asDouble()).isPositive();
    String adapter = report.findValue("adapter").toString();
    for (String part : expected.replace('\'', '"').split(", ")) {
      assertThat(adapter).contains(part.replace(": ", ":"));
    }
  }

  @Test
  void options_apply_to_the_method_that_has_them() {
    TypedLine line = step("--method", "vera", "--rank", "4", "--targets", "query");
    assertThat(line.code()).as(line.err()).isZero();
    assertThat(Json.parse(line.out(), "the report").findValue("adapter").toString())
        .contains("\"rank\":4", "\"target_modules\":[\"query\"]");
    assertThat(step("--method", "ia3", "--rank", "4").err()).contains("adapter.rank: unknown key");
    assertThat(step("--method", "ia33").err()).contains("ia33").contains("ia3");
  }

  @Test
  void a_run_takes_a_method() throws IOException {
    Path train = Files.writeString(folder.resolve("train.jsonl"), TinyBert.reviews(8));
    Path model = TinyBert.folder(folder.resolve("bert"));
    Path output = folder.resolve("run");
    TypedLine line =
        TypedLine.jlora(
            "train",
            "--model",
            model.toString(),
            "--train",
            train.toString(),
            "--method",
            "ia3",
            "--max-steps",
            "2",
            "--output",
            output.toString());
    assertThat(line.code()).as(line.err()).isZero();
    assertThat(Json.readObject(output.resolve("adapter_config.json")).path("peft_type").asText())
        .isEqualTo("IA3");
    TypedLine predicted = TypedLine.jlora("predict", output.toString(), "a good film");
    assertThat(predicted.code()).as(predicted.err()).isZero();
  }

  private static TypedLine step(String... more) {
    String[] all = Arrays.copyOf(STEP, STEP.length + more.length);
    System.arraycopy(more, 0, all, STEP.length, more.length);
    return TypedLine.jlora(all);
  }
}
