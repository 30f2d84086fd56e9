package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.jlora.engine.Engine;
import dev.jlora.engine.Merger;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Callback;
import dev.jlora.spi.Step;
import dev.jlora.spi.TrainerState;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Output folders: what no run wrote is neither removed nor replaced, and one run has a folder. */
@Timeout(120)
class RunFolderTest {
  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  @Test
  void overwrite_leaves_a_folder_alone_that_never_held_a_run() throws IOException {
    Path out = Files.createDirectories(folder.resolve("out"));
    write("out/checkpoint-500/pytorch_model.bin", "precious");
    write("out/config.json", "{}");
    write("out/model.safetensors", "another model");
    Map<String, String> before = contents(out);
    assertThatThrownBy(() -> engine.train(job("out", t -> t.maxSteps(2).overwrite(true))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("checkpoint-500/pytorch_model.bin")
        .hasMessageContaining("config.json, model.safetensors")
        .hasMessageContaining("which no jlora run wrote there; nothing was changed")
        .hasMessageContaining("Choose another output folder");
    assertThat(contents(out)).isEqualTo(before);
  }

  /** Names of files that a run writes, each lying there as somebody's own. */
  @ParameterizedTest
  @CsvSource({
    "job.json, '{\"my\": \"own\"}'",
    "adapter_config.json, '{}'",
    "adapter_model.safetensors, mine",
    "trainer_state.json, '{}'",
    "config.json, '{\"port\": 80}'",
    "model.safetensors.index.json, '{}'",
    "checkpoint-4, a file",
    "checkpoint-4/notes.txt, mine",
    "checkpoint-004/resume.json, '{}'",
    "checkpoint-99999999999999999999/resume.json, '{}'"
  })
  void a_file_of_the_users_own_is_not_replaced(String name, String text) throws IOException {
    write("out/" + name, text);
    for (UnaryOperator<TrainingSpec.Builder> how : hows()) {
      assertThatThrownBy(() -> engine.train(job("out", how)))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("out: holds " + name.split("/")[0])
          .hasMessageContaining("which no jlora run wrote there");
      assertThat(folder.resolve("out/" + name)).hasContent(text);
    }
  }

  @Test
  void a_manifest_that_names_files_outside_the_folder_owns_none_of_them() throws IOException {
    engine.train(job("out", t -> t.maxSteps(2)));
    write("precious.txt", "mine");
    Path manifest = folder.resolve("out/.jlora-run.json");
    var files = Json.readObject(manifest);
    files.withArray("files").add("../precious.txt").add(folder.resolve("precious.txt").toString());
    files.withArray("files").add("no file's name: \ud800").add("a\0b");
    Json.write(manifest, files);
    engine.train(job("out", t -> t.maxSteps(2).overwrite(true)));
    assertThat(folder.resolve("precious.txt")).hasContent("mine");
  }

  private static Iterable<UnaryOperator<TrainingSpec.Builder>> hows() {
    return java.util.List.of(t -> t, t -> t.overwrite(true), t -> t.resume(true));
  }

  @Test
  void a_job_of_the_users_own_in_its_output_folder_is_not_replaced() throws IOException {
    JobSpec job = job("out", t -> t.maxSteps(2));
    write("out/job.json", job.json());
    assertThatThrownBy(() -> engine.train(job)).hasMessageContaining("out: holds job.json");
    assertThat(folder.resolve("out/job.json")).hasContent(job.json());
  }

  @Test
  void overwrite_refuses_the_base_model_among_the_checkpoints() throws IOException {
    JobSpec full = full(job("out", t -> t.maxSteps(4).save(Interval.steps(2))));
    engine.train(full);
    Map<String, String> before = contents(folder.resolve("out"));
    Path base = folder.resolve("out/checkpoint-2");
    JobSpec next =
        job("out", t -> t.maxSteps(2).overwrite(true)).withModel(ModelSpec.of(base.toString()));
    assertThatThrownBy(() -> engine.train(next))
        .hasMessageContaining("out: holds the model, " + base)
        .hasMessageContaining("among the checkpoints of its run");
    assertThat(contents(folder.resolve("out"))).isEqualTo(before);
    Path link = Files.createSymbolicLink(folder.resolve("link"), base);
    assertThatThrownBy(() -> engine.train(next.withModel(ModelSpec.of(link.toString()))))
        .hasMessageContaining("among the checkpoints of its run");
  }

  @Test
  void overwrite_removes_the_earlier_run_and_nothing_beside_it() throws IOException {
    engine.train(job("out", t -> t.maxSteps(4).save(Interval.steps(1))));
    write("out/notes.txt", "mine");
    write("out/merged/config.json", "{}");
    engine.train(job("out", t -> t.maxSteps(2).overwrite(true).save(Interval.steps(2))));
    assertThat(folder.resolve("out"))
        .isDirectoryContaining("glob:**/checkpoint-2")
        .isDirectoryNotContaining("glob:**/checkpoint-1")
        .isDirectoryNotContaining("glob:**/checkpoint-4");
    assertThat(folder.resolve("out/notes.txt")).hasContent("mine");
    assertThat(folder.resolve("out/merged/config.json")).exists();
    write("out/checkpoint-2/notes.txt", "mine");
    assertThatThrownBy(() -> engine.train(job("out", t -> t.maxSteps(2).overwrite(true))))
        .hasMessageContaining("out: holds checkpoint-2/notes.txt, which no jlora run wrote");
  }

  /** An adapter left beside a whole model would be taken for the run's. */
  @Test
  void a_run_in_full_replaces_one_with_an_adapter() {
    engine.train(job("out", t -> t.maxSteps(2)));
    engine.train(full(job("out", t -> t.maxSteps(2).overwrite(true))));
    assertThat(folder.resolve("out/adapter_config.json")).doesNotExist();
    assertThat(folder.resolve("out/model.safetensors")).exists();
    engine.train(job("out", t -> t.maxSteps(2).overwrite(true)));
    assertThat(folder.resolve("out/adapter_config.json")).exists();
    assertThat(folder.resolve("out/model.safetensors")).doesNotExist();
  }

  @Test
  void a_run_that_noted_nothing_is_known_by_its_job_and_state() throws IOException {
    engine.train(job("out", t -> t.maxSteps(2)));
    Files.delete(folder.resolve("out/.jlora-run.json"));
    Files.delete(folder.resolve("out/.jlora-run.lock"));
    assertThat(engine.train(job("out", t -> t.maxSteps(3).overwrite(true))).steps()).isEqualTo(3);
  }

  @Test
  void a_run_that_kept_no_checkpoint_cannot_be_resumed_and_stays() throws IOException {
    engine.train(job("out", t -> t.maxSteps(2).save(Interval.never())));
    Map<String, String> before = contents(folder.resolve("out"));
    assertThatThrownBy(() -> engine.train(job("out", t -> t.maxSteps(4).resume(true))))
        .hasMessageContaining(
            "holds the results of an earlier run and no checkpoint to resume from")
        .hasMessageContaining("overwrite to replace that run");
    assertThat(contents(folder.resolve("out"))).isEqualTo(before);
  }

  @Test
  void a_resumed_run_removes_what_a_killed_one_had_not_finished() throws IOException {
    engine.train(job("run", t -> t.maxSteps(4)));
    write("run/.job.json.1a2b3c.tmp", "{");
    write("run/.unfinished-5/adapter_config.json", "{");
    write("run/.notes.txt.1a2b3c.tmp", "the user's own");
    engine.train(job("run", t -> t.maxSteps(6).resume(true)));
    assertThat(folder.resolve("run/.job.json.1a2b3c.tmp")).doesNotExist();
    assertThat(folder.resolve("run/.unfinished-5")).doesNotExist();
    assertThat(folder.resolve("run/.notes.txt.1a2b3c.tmp")).exists();
  }

  @Test
  void a_second_run_is_refused_while_the_first_one_trains() {
    Callback second =
        new Callback() {
          @Override
          public void onStep(TrainerState state, Step step) {
            for (UnaryOperator<TrainingSpec.Builder> how : hows()) {
              assertThatThrownBy(() -> engine.train(job("out", how)))
                  .hasMessageContaining(
                      "out: is in use: another run of this process writes into it")
                  .hasMessageContaining("choose another output folder");
            }
          }
        };
    Run run = engine.train(job("out", t -> t.maxSteps(2).save(Interval.never())), second);
    assertThat(run.steps()).isEqualTo(2);
  }

  @Test
  void a_second_process_is_refused_until_the_first_one_is_gone() throws Exception {
    Path file = Files.writeString(folder.resolve("job.json"), job("out", t -> t).json());
    Process first = ChildJvm.start(TrainMain.class, file.toString(), "1"); // and stands still
    try (BufferedReader lines = first.inputReader()) {
      for (String line = lines.readLine(); !"step 1".equals(line); line = lines.readLine()) {
        assertThat(line).as("the process ended").isNotNull();
      }
      assertThatThrownBy(() -> engine.train(job("out", t -> t.resume(true))))
          .hasMessageContaining("out: is in use: process " + first.pid() + " writes into it");
    } finally {
      first.destroyForcibly().waitFor();
    }
    assertThat(engine.train(job("out", t -> t.resume(true))).steps()).isEqualTo(TinyJob.STEPS);
  }

  @Test
  void a_folder_that_is_removed_meanwhile_stops_the_run_in_words() {
    Callback remove =
        new Callback() {
          @Override
          public void onStep(TrainerState state, Step step) {
            if (state.globalStep() == 2) {
              remove(folder.resolve("out"));
            }
          }
        };
    assertThatThrownBy(() -> engine.train(job("out", t -> t), remove))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("out: was removed, moved or replaced while the run was writing")
        .hasMessageContaining("Leave the output folder alone");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/null", "/dev/full/below", "pipe", "pipe/below"})
  void a_device_or_a_pipe_is_no_output(String name) throws Exception {
    Process made = new ProcessBuilder("mkfifo", folder.resolve("pipe").toString()).start();
    assumeThat(made.waitFor(10, TimeUnit.SECONDS) && made.exitValue() == 0).isTrue();
    JobSpec job = job("out", t -> t.output(folder.resolve(name).toString()));
    assertThatThrownBy(() -> engine.train(job))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("hoose an");
    assertThatThrownBy(() -> engine.plan(job))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("Choose another output folder");
  }

  @Test
  void merging_replaces_nothing_of_the_users_own() throws IOException {
    Run run = engine.train(job("out", t -> t.maxSteps(2)));
    JobSpec job = engine.job(run.adapter());
    Merger merger = new Merger(Plugins.load());
    write("site/config.json", "{\"port\": 80}");
    write("tokens/tokenizer.json", "mine");
    write("plan/job.json", "{}");
    for (boolean overwrite : new boolean[] {false, true}) {
      assertThatThrownBy(() -> merge(merger, job, run, "site", overwrite))
          .hasMessageContaining("site: holds config.json, which would be replaced");
      assertThatThrownBy(() -> merge(merger, job, run, "tokens", overwrite))
          .hasMessageContaining("tokens: holds tokenizer.json, which would be replaced");
      assertThatThrownBy(() -> merge(merger, job, run, "plan", overwrite))
          .hasMessageContaining("plan: holds a job.json");
    }
    assertThat(folder.resolve("site/config.json")).hasContent("{\"port\": 80}");
    assertThat(folder.resolve("tokens")).isDirectoryNotContaining("glob:**/config.json");
    merge(merger, job, run, "merged", false);
    merge(merger, job, run, "merged", true);
  }

  private void merge(Merger merger, JobSpec job, Run run, String target, boolean overwrite) {
    merger.merge(job, run.adapter(), folder.resolve(target), overwrite);
  }

  private JobSpec job(String output, UnaryOperator<TrainingSpec.Builder> training) {
    return new TinyJob(folder).job(output, training);
  }

  private static JobSpec full(JobSpec job) {
    return new JobSpec(
        job.model(), job.task(), null, job.data(), job.optimizer(), job.schedule(), job.training());
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** The bytes of every file below a folder, those of locks aside. */
  private static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (var files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().endsWith(".lock")) {
          all.put(
              root.relativize(file).toString(),
              Json.mapper().writeValueAsString(Files.readAllBytes(file)));
        }
      }
    }
    return all;
  }

  private static void remove(Path root) {
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
              Files.delete(dir);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
