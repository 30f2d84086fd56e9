package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.Engine;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.TrainerState;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs whose processes are killed by force at random moments, while they load, step, evaluate, save
 * and end, and are resumed each time: they leave the bytes of a run that nobody killed.
 */
class RandomKillsTest {
  private static final int MOST_STEPS = 9;
  private static final int MOST_MILLIS = 100;

  @TempDir Path folder;
  private final Random random = new Random(2026);
  private int kills;
  private int runs;

  @Test
  @Timeout(300)
  void a_few_kills_change_no_bit() throws Exception {
    killAtLeast(3, early());
  }

  @Test
  @Tag("slow")
  @Timeout(7200)
  void two_hundred_kills_change_no_bit() throws Exception {
    killAtLeast(200, plain(), early(), full(), rounded(), best());
  }

  /** A job under the name of its folder. */
  private record Scenario(String name, JobSpec job) {
    JobSpec into(Path folder, String output, boolean resume) {
      return job.withTraining(
          job.training().toBuilder()
              .output(folder.resolve(output).toString())
              .resume(resume)
              .build());
    }
  }

  /** Steps of two micro-batches, the last one of an epoch smaller; checkpoints inside epochs. */
  private Scenario plain() {
    return scenario("plain", t -> t.evaluate(Interval.steps(3)));
  }

  /** Learns too fast, so that the loss rises soon and patience ends the run. */
  private Scenario early() {
    Scenario slow =
        scenario(
            "early",
            t ->
                t.maxSteps(40)
                    .evaluate(Interval.steps(1))
                    .save(Interval.steps(1))
                    .saveTotalLimit(2)
                    .keepBest("loss")
                    .earlyStopping(2, 0.001));
    return new Scenario("early", slow.job().withOptimizer(OptimizerSpec.of("adamw", 0.3)));
  }

  private Scenario full() {
    JobSpec job = scenario("full", t -> t.save(Interval.steps(2))).job();
    return new Scenario(
        "full",
        new JobSpec(
            job.model(),
            job.task(),
            null,
            job.data(),
            OptimizerSpec.of("sgd", 0.01).withMomentum(0.9),
            job.schedule(),
            job.training()));
  }

  private Scenario rounded() {
    JobSpec job = scenario("rounded", t -> t).job();
    return new Scenario(
        "rounded",
        job.withModel(job.model().withPrecision(Precision.BF16))
            .withOptimizer(OptimizerSpec.of("adamw8bit", 5e-3)));
  }

  private Scenario best() {
    return scenario(
        "best",
        t ->
            t.evaluate(Interval.steps(2))
                .save(Interval.steps(2))
                .saveTotalLimit(1)
                .keepBest("accuracy"));
  }

  private Scenario scenario(String name, UnaryOperator<TrainingSpec.Builder> training) {
    TinyJob tiny = new TinyJob(folder);
    return new Scenario(name, tiny.job(name, training).withData(tiny.reviews(40)));
  }

  private void killAtLeast(int count, Scenario... scenarios) throws Exception {
    Engine engine = new Engine(Plugins.load());
    for (Scenario scenario : scenarios) {
      Run whole = engine.train(scenario.into(folder, scenario.name(), false));
      if (scenario.name().equals("early")) {
        assertThat(whole.steps()).as("steps until patience ends the run").isBetween(3L, 30L);
      }
    }
    while (kills < count) {
      for (Scenario scenario : scenarios) {
        String output = scenario.name() + "-" + runs++;
        killUntilDone(scenario.into(folder, output, true));
        assertSame(output, scenario.name());
      }
      System.out.printf("%d kills in %d runs: all bits are those of a whole run%n", kills, runs);
    }
  }

  /** Starts the run again and again, and kills each process but the last. */
  private void killUntilDone(JobSpec job) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("job.json"), job.json());
    boolean done = false;
    while (!done) {
      Process process = ChildJvm.start(TrainMain.class, file.toString());
      done = killed(process, random.nextInt(-1, MOST_STEPS), random.nextInt(MOST_MILLIS));
      kills += done ? 0 : 1;
    }
  }

  /** Kills a process after more than so many steps; says whether it was done before that. */
  private static boolean killed(Process process, int steps, int millis)
      throws IOException, InterruptedException {
    List<String> said = new ArrayList<>();
    int seen = 0;
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        said.add(line);
        seen += line.startsWith("step ") ? 1 : 0;
        if (seen > steps) {
          process.waitFor(millis, TimeUnit.MILLISECONDS);
          process.toHandle().destroyForcibly();
        }
      }
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as("exit code, after %s", said).isIn(0, 137);
    return process.exitValue() == 0;
  }

  private void assertSame(String killed, String whole) throws IOException {
    List<String> files = results(whole);
    assertThat(results(killed)).isEqualTo(files);
    for (String file : files) {
      assertThat(folder.resolve(killed).resolve(file))
          .as("%s of %s", file, killed)
          .hasSameBinaryContentAs(folder.resolve(whole).resolve(file));
    }
    assertThat(history(killed)).isEqualTo(history(whole));
  }

  /** What a run leaves: of its checkpoints, too, all but logs with the time they took. */
  private List<String> results(String output) throws IOException {
    Path root = folder.resolve(output);
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(name -> !name.endsWith(TrainerState.FILE) && !name.equals("job.json"))
          .filter(name -> !name.startsWith(".jlora-run"))
          .sorted()
          .toList();
    }
  }

  /** Every log line, without the time it took. */
  private List<JsonNode> history(String output) {
    var state = Json.readObject(folder.resolve(output).resolve(TrainerState.FILE));
    List<JsonNode> lines = new ArrayList<>();
    for (JsonNode line : state.path("log_history")) {
      lines.add(((ObjectNode) line).without("eval_runtime"));
    }
    return lines;
  }
}
