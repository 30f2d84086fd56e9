package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.cli.Main;
import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ctrl-C and a terminating service: the step is finished, a checkpoint written, and both said. */
@Timeout(180)
class StopSignalTest {
  @TempDir Path folder;

  /** The job logs each step; it is long enough to be stopped and writes no checkpoint by itself. */
  private JobSpec job(String output, int steps, boolean resume) {
    return new TinyJob(folder)
        .job(output, t -> t.maxSteps(steps).loggingSteps(1).save(Interval.never()).resume(resume));
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void the_command_line_saves_and_says_how_to_go_on(String signal, int code) throws Exception {
    assumeThat(signal.equals("INT") && interruptsAreIgnored())
        .as("processes that a shell starts in the background ignore SIGINT, and so do their own")
        .isFalse();
    Path file = Files.writeString(folder.resolve("job.json"), job("out", 5000, false).json());
    List<String> lines = new ArrayList<>();
    int exit = signalled(lines, signal, Main.class, "train", file.toString());
    assertThat(exit).as("%s", lines).isEqualTo(code);
    String last = lines.getLast();
    assertThat(last)
        .contains("jlora: stopped by SIG" + signal + " after step ")
        .contains("of 5000; saved in " + folder.resolve("out/checkpoint-"))
        .contains("--resume on the command line");
    assertThat(lines).anyMatch(line -> line.contains("a second signal ends at once"));
  }

  /** The second bit of the signals that this process ignores. */
  private static boolean interruptsAreIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.isReadable(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }

  @Test
  void a_stopped_run_resumes_to_the_bits_of_one_that_was_not() throws Exception {
    Engine engine = new Engine(Plugins.load());
    engine.train(job("whole", 400, false));
    Path file = Files.writeString(folder.resolve("job.json"), job("out", 400, false).json());
    List<String> lines = new ArrayList<>();
    assertThat(signalled(lines, "TERM", Main.class, "train", file.toString()))
        .as("%s", lines)
        .isEqualTo(143);
    engine.train(job("out", 400, true));
    assertThat(folder.resolve("out/adapter_model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("whole/adapter_model.safetensors"));
  }

  /**
   * The validation rows take many seconds. The run that is not stopped evaluates the same rows, so
   * the best step and the log are the same.
   */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void an_evaluation_is_interrupted_and_made_when_the_run_is_resumed(int steps) throws Exception {
    UnaryOperator<TrainingSpec.Builder> evaluated =
        t ->
            t.maxSteps(steps)
                .loggingSteps(1)
                .evaluate(Interval.steps(3))
                .save(Interval.steps(3))
                .keepBest("loss");
    TinyJob tiny = new TinyJob(folder);
    String rows = tiny.rows("train.jsonl", TinyBert.reviews(24)).toString();
    Path many = tiny.rows("many.jsonl", TinyBert.reviews(40_000));
    DataSpec data = DataSpec.builder().train(rows).validation(many.toString()).build();
    TaskSpec task = TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION);
    JobSpec job = tiny.job(task, data, "out", evaluated);
    Path file = Files.writeString(folder.resolve("job.json"), job.json());
    List<String> lines = new ArrayList<>();
    assertThat(signalled(lines, "TERM", Main.class, "train", file.toString()))
        .as("%s", lines)
        .isEqualTo(143);
    assertThat(lines).noneMatch(line -> line.contains("eval_loss"));
    assertThat(lines.getLast())
        .contains("stopped by SIGTERM after step 3 of %d; saved in".formatted(steps));
    DataSpec few = DataSpec.builder().train(rows).validation(rows).build();
    Engine engine = new Engine(Plugins.load());
    engine.train(tiny.job(task, few, "whole", evaluated));
    Files.writeString(many, Files.readString(Path.of(rows)));
    Path point = folder.resolve("out/checkpoint-3/resume.json");
    ObjectNode resume = Json.readObject(point);
    resume.remove("fingerprint"); // it holds the digest of the many rows
    Json.write(point, resume);
    engine.train(tiny.job(task, data, "out", t -> evaluated.apply(t).resume(true)));
    assertThat(folder.resolve("out/adapter_model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("whole/adapter_model.safetensors"));
    for (String state : List.of("trainer_state.json", "checkpoint-3/trainer_state.json")) {
      assertThat(state("out", state)).as(state).isEqualTo(state("whole", state));
    }
  }

  /** A run's state without the durations of its evaluations. */
  private ObjectNode state(String run, String file) {
    ObjectNode state = Json.readObject(folder.resolve(run).resolve(file));
    state.findParents("eval_runtime").forEach(entry -> ((ObjectNode) entry).remove("eval_runtime"));
    return state;
  }

  /** {@link TrainMain} sends itself the signal when the training has ended. */
  @Test
  void a_signal_after_the_last_step_leaves_a_complete_run() throws Exception {
    Path file = Files.writeString(folder.resolve("job.json"), job("out", 3, false).json());
    Process process =
        ChildJvm.start(
            Map.of("JAVA_TOOL_OPTIONS", "-Djlora.signals=true"),
            TrainMain.class,
            file.toString(),
            "end");
    try (BufferedReader output = process.inputReader()) {
      assertThat(output.lines())
          .anyMatch(
              line ->
                  line.contains(
                      "stopped by SIGTERM after the last step; the run is complete, in "
                          + folder.resolve("out")));
    } finally {
      process.destroyForcibly();
    }
    assertThat(folder.resolve("out/adapter_model.safetensors")).exists();
  }

  /** The signal is sent when the first rows are answered; tens of thousands are left. */
  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void other_commands_end_at_once_and_say_so(String signal, int code) throws Exception {
    assumeThat(signal.equals("INT") && interruptsAreIgnored())
        .as("processes that a shell starts in the background ignore SIGINT, and so do their own")
        .isFalse();
    new Engine(Plugins.load()).train(job("out", 1, false));
    Path rows = new TinyJob(folder).rows("many.jsonl", TinyBert.reviews(60_000));
    Process process =
        ChildJvm.start(
            Main.class, "predict", folder.resolve("out").toString(), "--rows", rows.toString());
    List<String> lines = new ArrayList<>();
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
        if (lines.size() == 1) {
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
        }
      }
      assertThat(process.waitFor()).isEqualTo(code);
    } finally {
      process.destroyForcibly();
    }
    assertThat(lines).hasSizeLessThan(60_000).contains("jlora: ended by SIG" + signal);
  }

  /** The step after which {@link TrainMain} stands still does not end, and the process does. */
  @Test
  void a_second_signal_ends_the_process_at_once() throws Exception {
    Path file = Files.writeString(folder.resolve("job.json"), job("out", 5000, false).json());
    Process process =
        ChildJvm.start(
            Map.of("JAVA_TOOL_OPTIONS", "-Djlora.signals=true"),
            TrainMain.class,
            file.toString(),
            "3");
    List<String> lines = new ArrayList<>();
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
        if (line.equals("step 3") || line.contains("a second signal ends at once")) {
          new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor();
        }
      }
      assertThat(process.waitFor()).as("%s", lines).isEqualTo(143);
    } finally {
      process.destroyForcibly();
    }
    assertThat(lines).last().isEqualTo("jlora: ended by a second SIGTERM");
    assertThat(folder.resolve("out/checkpoint-3")).doesNotExist();
  }

  @Test
  void a_java_program_is_stopped_through_the_command_that_runs_it() throws Exception {
    JobSpec job = job("out", 5000, false);
    Path program =
        Files.writeString(
            folder.resolve("Long.java"),
            """
            import static dev.jlora.Jlora.*;

            class Long {
              void main() {
                finetune("%s")
                    .task(sequenceClassification("bad", "good"))
                    .adapter(lora().rank(4))
                    .data(jsonl("%s"))
                    .train(t -> t.maxSteps(5000).batch(4).loggingSteps(1).threads(1).output("%s"))
                    .run();
              }
            }
            """
                .formatted(job.model().path(), job.data().train(), job.training().output()));
    List<String> lines = new ArrayList<>();
    assertThat(signalled(lines, "TERM", Main.class, "run", program.toString()))
        .as("%s", lines)
        .isEqualTo(143);
    assertThat(lines.getLast()).contains("jlora: stopped by SIGTERM").contains("resume() in Java");
  }

  /** The exit code of a process that gets a signal when its third step is logged. */
  private static int signalled(
      List<String> lines, String signal, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    Process process = ChildJvm.start(main, arguments);
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (!line.isBlank()) {
          lines.add(line);
        }
        if (line.startsWith("step 3 of ")) {
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
        }
      }
      return process.waitFor();
    } finally {
      process.destroyForcibly();
    }
  }
}
