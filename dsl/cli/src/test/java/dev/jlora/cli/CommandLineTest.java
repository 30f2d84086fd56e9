package dev.jlora.cli;

import static dev.jlora.Jlora.csv;
import static dev.jlora.Jlora.data;
import static dev.jlora.Jlora.finetune;
import static dev.jlora.Jlora.lora;
import static dev.jlora.Jlora.maskedLm;
import static dev.jlora.Jlora.sequenceClassification;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.spec.JobSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command line as a user types it: exit code, output, errors. */
class CommandLineTest {
  private static final int WRONG_COMMAND_LINE = 2;

  @TempDir Path folder;
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder err = new StringBuilder();

  private int jlora(String... arguments) {
    Typed typed = Typed.jlora(arguments);
    out.append(typed.out());
    err.append(typed.err());
    return typed.code();
  }

  @Test
  void without_a_command_it_says_which_there_are() {
    assertThat(jlora()).isZero();
    assertThat(out.toString()).contains("Usage: jlora", "info", "inspect", "run", "shell");
  }

  @Test
  void help_version_and_completion() {
    assertThat(jlora("--help")).isZero();
    assertThat(jlora("inspect", "--help")).isZero();
    assertThat(jlora("help", "run")).isZero();
    assertThat(jlora("--version")).isZero();
    assertThat(jlora("generate-completion")).isZero();
    assertThat(out.toString())
        .contains("Exit codes:", "Usage: jlora inspect", "Usage: jlora run", "complete -F")
        .containsPattern("jlora (development|\\d)");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void a_command_alone_is_what_it_is_among_all() {
    CommandLine all = Main.commandLine();
    all.getSubcommands()
        .forEach(
            (name, command) -> {
              assertThat(command.getCommandName()).isEqualTo(name);
              CommandLine alone = Main.commandLineFor(name, "--help").getSubcommands().get(name);
              assertThat(alone.getUsageMessage()).isEqualTo(command.getUsageMessage());
            });
    assertThat(Main.commandLineFor("train").getSubcommands()).containsOnlyKeys("train");
    assertThat(Main.commandLineFor("help", "train").getSubcommands())
        .hasSameSizeAs(all.getSubcommands());
  }

  @Test
  void a_wrong_command_line_names_what_is_near_and_ends_with_2() {
    assertThat(jlora("infp")).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(err.toString()).contains("infp").contains("jlora info");
    assertThat(jlora("inspect")).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(err.toString()).contains("Missing required parameter: 'PATH'");
    assertThat(jlora("run", folder.resolve("absent.jsh").toString())).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(err.toString()).contains("absent.jsh: no such file");
  }

  @Test
  void base_needs_a_folder_except_in_an_evaluation() {
    for (String[] command :
        List.of(
            new String[] {"predict", "run", "a text", "--base"},
            new String[] {"merge", "run", "merged", "--base"})) {
      assertThat(jlora(command)).isEqualTo(WRONG_COMMAND_LINE);
      assertThat(err.toString()).contains("--base").contains("DIR");
      err.setLength(0);
    }
    assertThat(jlora("eval", folder.resolve("absent").toString(), "--base"))
        .isEqualTo(Failures.FAILED);
    assertThat(err.toString()).contains("absent");
  }

  @Test
  void the_first_line_of_every_description_is_a_sentence() {
    everyCommand(Main.commandLine())
        .forEach(
            command ->
                assertThat(command.getCommandSpec().usageMessage().description()[0])
                    .as(command.getCommandName())
                    .endsWith("."));
  }

  private static Stream<CommandLine> everyCommand(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(CommandLineTest::everyCommand));
  }

  @Test
  void a_failure_is_one_line_and_ends_with_1() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.safetensors"), "nothing");
    assertThat(jlora("inspect", broken.toString())).isEqualTo(Failures.FAILED);
    assertThat(err.toString()).startsWith("jlora: " + broken).doesNotContain("\tat ");
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Test
  void a_stack_trace_is_there_for_the_asking() {
    String absent = folder.resolve("absent").toString();
    assertThat(jlora("inspect", "--stacktrace", absent)).isEqualTo(Failures.FAILED);
    assertThat(err.toString()).contains("no such file or folder").contains("\tat dev.jlora.cli");
  }

  @Test
  void a_mistake_of_ours_says_that_it_is_one() {
    assertThat(Failures.text(new NullPointerException("x")))
        .isEqualTo(
            "unexpected java.lang.NullPointerException: x; this is a mistake in jlora, --stacktrace"
                + " shows where");
    assertThat(Failures.text(new ExceptionInInitializerError(new IllegalStateException("why"))))
        .isEqualTo("why");
  }

  @Test
  void inspect_lists_names_types_shapes_and_counts() throws IOException {
    Path file = folder.resolve("two.safetensors");
    safetensors(
        file,
        """
        {"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
        "b":{"dtype":"F32","shape":[4],"data_offsets":[24,40]}}\
        """,
        40);

    assertThat(jlora("inspect", file.toString())).isZero();
    assertThat(out.toString().lines())
        .containsExactly(
            "a.weight  float32   [2, 3]",
            "b         float32   [4]",
            "2 tensors {float32=2}, 10 elements, 40 bytes");
  }

  @Test
  void inspect_shows_only_what_matches() throws IOException {
    Path file = folder.resolve("adapter_model.safetensors");
    safetensors(
        file,
        """
        {"x.lora_A":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},\
        "x.lora_B":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]}}\
        """,
        16);

    assertThat(jlora("inspect", folder.toString(), "--match", "lora_B")).isZero();
    assertThat(out.toString()).contains("x.lora_B").doesNotContain("x.lora_A").contains("1 tensor");
  }

  @Test
  void info_tells_what_was_found() {
    assertThat(jlora("info")).isZero();
    assertThat(out.toString())
        .contains("libtorch       C ABI of 2.", "threads ", "gpu            ", "plugin folder");
  }

  /** These tests run without it; the distribution has it. */
  @Test
  void info_names_the_library_that_would_list_gpus() {
    assertThat(jlora("info")).isZero();
    assertThat(out.toString())
        .contains("gpu            unknown: the library jlora-cuda is not on the class path");
  }

  @Test
  void options_become_a_job() {
    assertThat(
            jlora(
                "plan",
                "--print",
                "--model",
                "bert",
                "--train",
                "a.tsv",
                "--text",
                "sentence",
                "--labels",
                "no,yes",
                "--rank",
                "4",
                "--alpha",
                "16",
                "--targets",
                "query,value",
                "--precision",
                "bf16",
                "--lr",
                "1e-3",
                "--batch",
                "32",
                "--epochs",
                "2",
                "--evaluate",
                "100",
                "--seed",
                "7",
                "--max-length",
                "128",
                "--output",
                "out"))
        .as(err.toString())
        .isZero();
    assertThat(JobSpec.parse(out.toString()))
        .isEqualTo(
            finetune("bert")
                .bf16()
                .task(sequenceClassification("no", "yes"))
                .adapter(lora().rank(4).alpha(16).targets("query", "value"))
                .data(data("a.tsv").text("sentence").maxLength(128))
                .train(
                    t ->
                        t.learningRate(1e-3)
                            .batch(32)
                            .epochs(2)
                            .evaluateEvery(100)
                            .seed(7)
                            .output("out"))
                .spec());
  }

  @Test
  void a_job_file_is_the_job() throws IOException {
    String json = finetune("bert").task(maskedLm()).data(csv("a.csv")).spec().json();
    Path file = Files.writeString(folder.resolve("job.json"), json);
    assertThat(jlora("plan", "--print", file.toString())).isZero();
    assertThat(out.toString().strip()).isEqualTo(json);
  }

  @Test
  void a_job_is_given_once_and_checked() {
    assertThat(jlora("plan")).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(err.toString()).contains("got no job, expected JOB.json or --model DIR");
    assertThat(jlora("plan", "--model", "bert", "--train", "x", "--rank", "0"))
        .isEqualTo(Failures.FAILED);
    assertThat(err.toString()).contains("--rank: got 0, expected 1 to 65536");
    assertThat(jlora("plan", "--model", "bert", "--rank", "four")).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(err.toString()).contains("'--rank'", "'four' is not an int");
  }

  @Test
  void all_that_is_wrong_with_the_options_is_told_at_once() {
    assertThat(jlora("plan", "--model", "bert", "--train", "x", "--rank", "0", "--lr", "-1"))
        .isEqualTo(Failures.FAILED);
    assertThat(err.toString()).contains("--rank: got 0", "--lr: got -1.0");
  }

  @Test
  void a_wrong_option_is_not_followed_by_the_whole_help() {
    assertThat(jlora("train", "--evaluate", "sometimes")).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(err.toString().lines())
        .containsExactly(
            "jlora: Invalid value for option '--evaluate': got sometimes, expected \"no\","
                + " \"epoch\" or a number of steps",
            "Try 'jlora train --help'.");
  }

  @Test
  void a_folder_that_is_no_run_needs_a_job() {
    assertThat(jlora("predict", folder.resolve("absent").toString(), "A text."))
        .isEqualTo(Failures.FAILED);
    assertThat(err.toString()).contains("absent: no such folder.");
    assertThat(jlora("eval", folder.toString())).isEqualTo(Failures.FAILED);
    assertThat(err.toString()).contains("holds no job.json", "--job JOB.json");
  }

  @Test
  void conformance_needs_cases_and_knows_its_devices() {
    assertThat(jlora("conformance", folder.toString())).isEqualTo(Failures.FAILED);
    assertThat(err.toString()).contains("has no reference cases");
    assertThat(jlora("conformance", "--device", "gpu", folder.toString()))
        .isEqualTo(Failures.FAILED);
    assertThat(err.toString()).contains("device: got 'gpu', expected cpu, cuda or cuda:INDEX");
  }

  @Test
  void a_script_has_everything_imported_and_sees_its_arguments() throws IOException {
    Path made = folder.resolve("made.txt");
    Path script =
        Files.writeString(
            folder.resolve("a.jsh"),
            """
            var spec = lora().rank(4).build();
            int doubled(int rank) {
              return 2 * rank;
            }
            Files.writeString(Path.of(arguments.get(0)), "rank " + doubled(spec.rank()));
            """);
    assertThat(jlora("run", script.toString(), made.toString())).as(err.toString()).isZero();
    assertThat(made).hasContent("rank 8");
  }

  @Test
  void a_script_that_throws_or_does_not_compile_fails() throws IOException {
    Path throwing = Files.writeString(folder.resolve("b.jsh"), "lora().rank(0).build();\n");
    assertThat(jlora("run", throwing.toString())).isEqualTo(Failures.FAILED);
    assertThat(err.toString()).contains("lora.rank: got 0, expected 1 to 65536");

    Path wrong = Files.writeString(folder.resolve("c.jsh"), "int x = unknown;\n");
    assertThat(jlora("run", wrong.toString())).isEqualTo(Failures.FAILED);
    assertThat(err.toString()).contains("c.jsh: not accepted: int x = unknown;", "symbol");
  }

  @Test
  void a_java_file_runs_with_its_own_exit_code() throws IOException {
    Path program =
        Files.writeString(
            folder.resolve("Demo.java"),
            """
            import static dev.jlora.Jlora.lora;
            void main(String[] arguments) {
              System.exit(lora().rank(Integer.parseInt(arguments[0])).build().rank());
            }
            """);
    assertThat(jlora("run", program.toString(), "7")).isEqualTo(7);
  }

  @Test
  void another_kind_of_file_is_refused() throws IOException {
    Path other = Files.writeString(folder.resolve("job.yaml"), "");
    assertThat(jlora("run", other.toString())).isEqualTo(WRONG_COMMAND_LINE);
    assertThat(err.toString()).contains("got the ending '.yaml', expected .jsh, .java or .json");
  }

  private static void safetensors(Path file, String header, int bytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer whole = ByteBuffer.allocate(8 + text.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    whole.putLong(text.length).put(text);
    Files.write(file, whole.array());
  }
}
