package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.adapters.adalora.AdaLoraSpec;
import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TrainingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs of the engine with adapters of {@link MethodTable}. */
class AdapterRunsTest {
  @TempDir private Path folder;
  private final Engine engine = new Engine(Plugins.load());

  static List<MethodCase> methods() {
    return MethodTable.all();
  }

  /** A step without values shows that a GPU never waits for the host. */
  @ParameterizedTest
  @MethodSource("methods")
  void a_step_needs_no_values_on_the_host(MethodCase one) {
    JobSpec job = job("out", one.spec(), t -> t.device("cpu"));
    assertThat(engine.forecast(job).notes()).noneMatch(note -> note.contains("only estimated"));
    assertThat(engine.forecast(job).memory().counted()).isTrue();
  }

  @Test
  void a_resumed_run_of_adalora_ends_with_the_same_files() throws IOException {
    AdaLoraSpec spec =
        AdaLoraSpec.builder()
            .targets("query", "value")
            .ranks(6, 2)
            .alpha(16)
            .dropout(0.1)
            .schedule(2, 3, 1)
            .build();
    engine.train(job("whole", spec, t -> t));
    Path whole = folder.resolve("whole");
    assertThat(Json.readObject(whole.resolve("adapter_config.json")).path("rank_pattern").size())
        .isEqualTo(4);
    for (int last : new int[] {4, 8, 10}) {
      String name = "resumed" + last;
      engine.train(job(name, spec, t -> t));
      for (int step = last + 2; step <= TinyJob.STEPS; step += 2) {
        delete(folder.resolve(name).resolve("checkpoint-" + step));
      }
      engine.train(job(name, spec, t -> t.resume(true)));
      for (String file : List.of("adapter_model.safetensors", "adapter_config.json")) {
        assertThat(folder.resolve(name).resolve(file))
            .as("%s, resumed at %d", file, last)
            .hasSameBinaryContentAs(whole.resolve(file));
      }
    }
  }

  private JobSpec job(
      String output, AdapterSpec adapter, UnaryOperator<TrainingSpec.Builder> training) {
    JobSpec job = new TinyJob(folder).job(output, t -> training.apply(t.save(Interval.steps(2))));
    return new JobSpec(
        job.model(),
        job.task(),
        adapter,
        job.data(),
        job.optimizer(),
        job.schedule(),
        job.training());
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
