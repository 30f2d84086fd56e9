package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.engine.Engine;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraInit;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.TrainingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs whose LoRA starts from the weights or from the training data. */
class InitializationRunsTest {
  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  private JobSpec job(String init, String output, UnaryOperator<TrainingSpec.Builder> training) {
    JobSpec job = new TinyJob(folder).job(output, training);
    LoraSpec adapter =
        LoraSpec.builder()
            .rank(2)
            .alpha(4)
            .dropout(0.1)
            .targets("query", "value")
            .init(LoraInit.of(init))
            .build();
    return new JobSpec(
        job.model(),
        job.task(),
        adapter,
        job.data(),
        job.optimizer(),
        job.schedule(),
        job.training());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pissa", "pissa_niter_2", "olora", "loftq", "eva", "corda", "lora_ga"})
  void a_resumed_run_ends_with_the_bits_of_a_whole_one(String init) throws IOException {
    engine.train(job(init, "out", t -> t.maxSteps(6)));
    byte[] weights = Files.readAllBytes(folder.resolve("out/adapter_model.safetensors"));
    String config = Files.readString(folder.resolve("out/adapter_config.json"));
    delete(folder.resolve("out/checkpoint-6"));

    Run resumed = engine.train(job(init, "out", t -> t.maxSteps(6).resume(true)));
    assertThat(resumed.resumedAt()).isEqualTo(4);
    assertThat(folder.resolve("out/adapter_model.safetensors")).hasBinaryContent(weights);
    assertThat(folder.resolve("out/adapter_config.json")).hasContent(config);
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pissa", "olora", "loftq", "eva", "corda", "lora_ga"})
  void the_result_predicts_what_the_run_evaluated(String init) {
    JobSpec job = job(init, "out", t -> t.evaluate(Interval.epoch()));
    Run run = engine.train(job);
    double loss = engine.evaluate(job, run.adapter()).loss();
    assertThat(loss).isCloseTo(run.evaluation().get("eval_loss"), within(1e-5));
  }
}
