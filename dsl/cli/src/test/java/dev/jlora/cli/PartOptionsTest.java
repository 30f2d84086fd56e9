package dev.jlora.cli;

import static dev.jlora.cli.Typed.jlora;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callbacks and parameters of a plugin's parts on the command line. */
class PartOptionsTest {
  @TempDir Path folder;

  @Test
  void callbacks_come_with_parameters_of_the_types_that_their_records_say() {
    Typed typed = plan("--callback", "bell", "--callback", "bell,times=3,word=12,spare=[\"a\"]");
    assertThat(typed.err()).isEmpty();
    JsonNode callbacks = Json.object(typed.out(), "the plan").path("callbacks");
    assertThat(callbacks).hasSize(2);
    assertThat(callbacks.get(0)).hasSize(1);
    assertThat(callbacks.get(1).path("times").asInt()).isEqualTo(3);
    assertThat(callbacks.get(1).path("word").isTextual()).isTrue();
    assertThat(callbacks.get(1).path("spare").get(0).asText()).isEqualTo("a");
  }

  @Test
  void they_override_those_of_a_file() throws Exception {
    Path job =
        Files.writeString(
            folder.resolve("job.json"),
            """
            {"model": {"path": "bert"}, "task": {"name": "masked-lm"}, "data": {"train": "a.jsonl"},
             "callbacks": [{"name": "bell", "times": 7}, "bell"]}
            """);
    Typed typed = jlora("plan", "--print", job.toString(), "--callback", "bell,times=2");
    assertThat(typed.err()).isEmpty();
    assertThat(typed.out()).contains("\"times\" : 2").doesNotContain("\"times\" : 7");
  }

  @Test
  void what_is_wrong_with_them_is_told() {
    assertThat(plan("--optimizer-arg", "brake").err())
        .contains("--optimizer-arg: got 'brake', expected KEY=VALUE");
    assertThat(plan("--callback", "bell,times").err())
        .contains("--callback: got 'times', expected KEY=VALUE");
    assertThat(plan("--callback", "bell,times=often").err())
        .contains("callbacks[0].times: got 'often', expected a whole number");
    assertThat(plan("--callback", "bell,time=1").err())
        .contains("callbacks[0].time: unknown key")
        .contains("times");
    assertThat(plan("--callback", "gong").err()).contains("got 'gong', expected one of 'bell'");
  }

  private static Typed plan(String... more) {
    List<String> all =
        new ArrayList<>(List.of("plan", "--print", "--model", "bert", "--train", "a.jsonl"));
    all.addAll(List.of(more));
    return jlora(all.toArray(String[]::new));
  }
}
