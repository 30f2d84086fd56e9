package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jlora.engine.Engine;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.tensor.Scope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs with LoRA+ and LoRA-FA, on LoRA and DoRA, of linear layers and embeddings. */
class LoraOptimizerRunsTest {
  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  @ParameterizedTest
  @ValueSource(strings = {"loraplus", "lorafa"})
  void a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(String name) {
    Map<String, float[]> whole = weights(engine.train(job(name, "whole", 8, lora())));
    engine.train(job(name, "parts", 4, lora()));
    JobSpec more = job(name, "parts", 8, lora());
    Run resumed = engine.train(more.withTraining(more.training().toBuilder().resume(true).build()));
    assertThat(weights(resumed)).usingRecursiveComparison().isEqualTo(whole);
  }

  @Test
  void lorafa_leaves_every_a_as_it_was_and_trains_every_b() {
    Map<String, float[]> start = weights(engine.train(job("lorafa", "one", 1, lora())));
    Map<String, float[]> end = weights(engine.train(job("lorafa", "many", 6, lora())));
    assertThat(end.keySet()).isEqualTo(start.keySet());
    end.forEach(
        (key, values) -> {
          if (key.contains("lora_A")) {
            assertThat(values).as(key).containsExactly(start.get(key));
          } else if (!key.contains("lora_embedding_A")) {
            assertThat(values).as(key).isNotEqualTo(start.get(key));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"loraplus", "lorafa"})
  void dora_and_embeddings_are_trained_and_planned(String name) {
    LoraSpec dora = LoraSpec.builder().rank(2).targets("query", "word_embeddings").dora().build();
    JobSpec job = job(name, "dora", 4, dora);
    assertThat(engine.forecast(job).toString()).contains("trainable params");
    assertThat(engine.train(job).steps()).isEqualTo(4);
  }

  @Test
  void lorafa_without_lora_is_refused_by_the_plan_and_by_training() {
    JobSpec full = job("lorafa", "full", 2, null);
    assertThatThrownBy(() -> engine.forecast(full))
        .hasMessageContaining("optimizer.name: got lorafa for a model without LoRA's pairs");
    assertThatThrownBy(() -> engine.train(full)).hasMessageContaining("got lorafa");
  }

  private static LoraSpec lora() {
    return LoraSpec.builder().rank(4).alpha(16).dropout(0.1).targets("query", "value").build();
  }

  private JobSpec job(String optimizer, String output, int steps, AdapterSpec adapter) {
    JobSpec job = new TinyJob(folder).job(output, t -> t.maxSteps(steps).save(Interval.steps(4)));
    return new JobSpec(
        job.model(),
        job.task(),
        adapter,
        job.data(),
        OptimizerSpec.of(optimizer, 1e-3),
        ScheduleSpec.of("constant"),
        job.training());
  }

  private static Map<String, float[]> weights(Run run) {
    Map<String, float[]> weights = new LinkedHashMap<>();
    try (SafetensorsFile file =
            SafetensorsFile.open(run.adapter().resolve("adapter_model.safetensors"));
        var _ = Scope.open()) {
      file.entries().keySet().forEach(key -> weights.put(key, file.tensor(key).toFloats()));
    }
    return weights;
  }
}
