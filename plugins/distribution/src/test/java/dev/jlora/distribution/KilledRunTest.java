package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.TrainerState;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run whose process is killed by force, and another process that goes on with it. */
@Timeout(300)
class KilledRunTest {
  private static final int KILLED_AT = 7;
  private static final List<String> RESULTS =
      List.of(
          "adapter_model.safetensors",
          "adapter_config.json",
          "checkpoint-12/adapter_model.safetensors",
          "checkpoint-12/optimizer.safetensors",
          "checkpoint-12/resume.json");

  @TempDir Path folder;

  @Test
  void it_ends_with_the_bytes_of_a_run_that_nobody_killed() throws Exception {
    new Engine(Plugins.load()).train(job("whole", false));

    List<String> before = killedAt(job("killed", false), KILLED_AT);
    assertThat(before).contains("step 4", "step 7").doesNotContain("step 8", "done");
    assertThat(folder.resolve("killed")).isDirectoryContaining("glob:**/checkpoint-4");
    assertThat(folder.resolve("killed/adapter_model.safetensors")).doesNotExist();

    List<String> after = killedAt(job("killed", true), Integer.MAX_VALUE);
    assertThat(after).contains("step 5", "done").doesNotContain("step 4");
    for (String file : RESULTS) {
      assertThat(folder.resolve("killed").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("whole").resolve(file));
    }
    assertThat(history("killed")).isEqualTo(history("whole")).hasSizeGreaterThan(4);
  }

  /** 40 rows are five steps an epoch: checkpoint 4 and the kill at 7 are both inside one. */
  private JobSpec job(String output, boolean resume) {
    var tiny = new TinyJob(folder);
    JobSpec job = tiny.job(output, t -> t.evaluate(Interval.steps(3)).resume(resume));
    return job.withData(tiny.reviews(40));
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

  /** What a process that trains said until it was done, or until it was killed at a step. */
  private List<String> killedAt(JobSpec job, int step) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("job.json"), job.json());
    Process process = ChildJvm.start(TrainMain.class, file.toString(), Integer.toString(step));
    List<String> lines = new ArrayList<>();
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
        if (line.equals("step " + step)) {
          process.toHandle().destroyForcibly(); // unlike the process, it leaves the stream open
        }
      }
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    return lines;
  }
}
