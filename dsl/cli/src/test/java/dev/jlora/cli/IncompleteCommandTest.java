package dev.jlora.cli;

import static dev.jlora.cli.Typed.jlora;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command that lacks something says what, before it does anything. */
class IncompleteCommandTest {
  private static final int WRONG_COMMAND_LINE = 2;

  @TempDir Path folder;

  @Test
  void predict_without_a_text() throws IOException {
    Typed nothing = jlora("predict", folder.toString());
    assertThat(nothing.code()).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(nothing.err()).contains("got no text, expected TEXT after RUN, or --input FILE");

    Path empty = Files.writeString(folder.resolve("empty.txt"), "");
    assertThat(jlora("predict", folder.toString(), "--input", empty.toString()).err())
        .contains("got no text");
  }

  @Test
  void predict_with_a_file_that_is_no_text() throws IOException {
    String absent = folder.resolve("absent.txt").toString();
    Typed missing = jlora("predict", folder.toString(), "--input", absent);
    assertThat(missing.code()).isEqualTo(Failures.FAILED);
    assertThat(missing.err()).startsWith("jlora: " + absent + ": no such file.");

    byte[] latin = "na\u00efve".getBytes(StandardCharsets.ISO_8859_1);
    Path other = Files.write(folder.resolve("latin.txt"), latin);
    Typed unreadable = jlora("predict", folder.toString(), "--input", other.toString());
    assertThat(unreadable.code()).isEqualTo(Failures.FAILED);
    assertThat(unreadable.err()).startsWith("jlora: " + other + ": is not UTF-8 text.");
  }

  @Test
  void generate_without_a_prompt() {
    Typed typed = jlora("generate", folder.toString());
    assertThat(typed.code()).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(typed.err()).contains("got no prompt, expected one or more after MODEL");
  }

  @Test
  void quickstart_on_a_folder_without_rows() {
    Typed typed = jlora("quickstart", "--data", folder.toString());
    assertThat(typed.code()).isEqualTo(Failures.FAILED);
    assertThat(typed.err())
        .contains("has neither train.jsonl nor train.jsonl.gz")
        .contains("both train and test rows");
  }

  @Test
  void merge_of_what_is_no_run() {
    Typed typed = jlora("merge", folder.toString(), folder.resolve("merged").toString());
    assertThat(typed.code()).isEqualTo(Failures.FAILED);
    assertThat(typed.err()).contains("holds no job.json, so it is not the output folder of a run");
  }

  @Test
  void inspect_of_a_folder_without_weights() throws IOException {
    Typed none = jlora("inspect", folder.toString());
    assertThat(none.code()).isEqualTo(Failures.FAILED);
    assertThat(none.err()).contains("has no weights");
    Files.writeString(folder.resolve("pytorch_model.bin"), "pickle");
    assertThat(jlora("inspect", folder.toString()).err())
        .contains("jlora does not read pickled weights");
  }

  @Test
  void a_job_file_that_is_no_job() throws IOException {
    Path file = Files.writeString(folder.resolve("job.json"), "{\"model\": {\"paht\": \"bert\"}}");
    Typed typed = jlora("plan", file.toString());
    assertThat(typed.code()).isEqualTo(Failures.FAILED);
    assertThat(typed.err())
        .contains(file + ": is not a job:", "model.paht", "Correct the file", "plan --print");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plan", "train", "run", "predict"})
  void a_job_file_that_is_not_json(String command) throws IOException {
    Path file = Files.writeString(folder.resolve("job.json"), "{\n  \"model\": {\n    'path': 1\n");
    Typed typed =
        command.equals("predict")
            ? jlora(command, folder.toString(), "A text.")
            : jlora(command, file.toString());
    assertThat(typed.code()).isEqualTo(Failures.FAILED);
    assertThat(typed.err())
        .contains(file + ": is not valid JSON at line 3, column", "Correct it, or fetch the file");
  }

  @Test
  void a_job_file_that_is_another_kind_of_json() throws IOException {
    Path file = Files.writeString(folder.resolve("job.json"), "[1, 2]");
    assertThat(jlora("train", file.toString()).err())
        .contains(file + ": holds a JSON array, expected an object");
  }
}
