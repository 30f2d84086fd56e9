package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jlora.engine.Engine;
import dev.jlora.engine.training.Run;
import dev.jlora.host.Plugins;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.Precision;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the switches of a job do to a whole run on a tiny BERT. */
class RecipeTest {
  @TempDir Path folder;
  private final Engine engine = new Engine(Plugins.load());

  @Test
  void bf16_learns_and_keeps_its_adapter_in_float32() {
    JobSpec job = job("bf16", t -> t.seed(2).maxSteps(80).loggingSteps(20));
    ModelSpec model = new ModelSpec(job.model().path(), Precision.BF16, null);
    Run run = engine.train(job.withModel(model));
    List<Double> losses = losses(run);
    assertThat(losses).hasSize(4).allMatch(Double::isFinite);
    assertThat(losses.getLast()).isLessThan(losses.getFirst() * 0.8);
    for (String file :
        List.of("adapter_model.safetensors", "checkpoint-80/adapter_model.safetensors")) {
      try (var saved = SafetensorsFile.open(run.adapter().resolve(file))) {
        assertThat(saved.entries().values())
            .isNotEmpty()
            .allMatch(entry -> entry.dtype() == DType.FLOAT32);
        // masters were updated in float32: some weights are no bf16 numbers
        assertThat(values(run.adapter().resolve(file)).values())
            .anyMatch(values -> anyFinerThanBf16(values));
      }
    }
  }

  private static boolean anyFinerThanBf16(float[] values) {
    for (float value : values) {
      if ((Float.floatToRawIntBits(value) & 0xFFFF) != 0) {
        return true;
      }
    }
    return false;
  }

  @Test
  void the_seed_decides_every_byte() throws IOException {
    byte[] first = weights(engine.train(job("first", t -> t.seed(7).maxSteps(4))));
    byte[] again = weights(engine.train(job("again", t -> t.seed(7).maxSteps(4))));
    byte[] other = weights(engine.train(job("other", t -> t.seed(8).maxSteps(4))));
    assertThat(again).isEqualTo(first);
    assertThat(other).isNotEqualTo(first).hasSameSizeAs(first);
  }

  @Test
  void accumulated_micro_batches_are_the_big_batch() {
    DataSpec rows = new TinyJob(folder).reviews(8);
    // plain descent at a rate of 1: the step is the gradient
    Map<String, float[]> whole = stepOf("whole", rows, t -> t.batch(8).accumulate(1));
    Map<String, float[]> parts = stepOf("parts", rows, t -> t.batch(2).accumulate(4));
    assertThat(parts).containsOnlyKeys(whole.keySet());
    whole.forEach(
        (name, weights) -> assertThat(parts.get(name)).containsExactly(weights, within(1e-5f)));
    assertThat(whole).isNotEmpty();
  }

  private Map<String, float[]> stepOf(
      String output, DataSpec rows, UnaryOperator<TrainingSpec.Builder> training) {
    JobSpec job =
        job(output, t -> training.apply(t).maxSteps(1).maxGradNorm(0))
            .withData(rows)
            .withOptimizer(OptimizerSpec.of("sgd", 1));
    return values(engine.train(steady(job)).adapter().resolve("adapter_model.safetensors"));
  }

  /** Without dropout and with a constant rate. */
  private JobSpec steady(JobSpec job) {
    Path base = TinyBert.folder(folder.resolve("steady"), 0);
    return new JobSpec(
        ModelSpec.of(base.toString()),
        job.task(),
        LoraSpec.builder().rank(4).alpha(16).targets("query", "value").build(),
        job.data(),
        job.optimizer(),
        ScheduleSpec.of("constant"),
        job.training());
  }

  @Test
  void padding_changes_shapes_and_not_what_is_learnt() {
    DataSpec rows = new TinyJob(folder).reviews(24);
    double dynamic = loss("dynamic", rows);
    assertThat(loss("multiple", rows.toBuilder().padToMultipleOf(16).build()))
        .isCloseTo(dynamic, within(1e-5));
    DataSpec fixed = rows.toBuilder().maxLength(36).padding(Padding.MAX_LENGTH).build();
    assertThat(loss("fixed", fixed)).isCloseTo(dynamic, within(1e-5));
  }

  private double loss(String output, DataSpec rows) {
    JobSpec job =
        job(output, t -> t.maxSteps(6).evaluate(Interval.steps(6)).maxGradNorm(0)).withData(rows);
    return engine.train(steady(job)).evaluation().get("eval_loss");
  }

  @Test
  void label_smoothing_holds_the_training_loss_up_but_not_the_evaluations() {
    Run sharp = engine.train(job("sharp", t -> t.maxSteps(60).loggingSteps(20)));
    Run smooth =
        engine.train(
            job(
                "smooth",
                t ->
                    t.maxSteps(60)
                        .loggingSteps(20)
                        .labelSmoothing(0.4)
                        .evaluate(Interval.steps(60))));
    // with two classes and smoothing 0.4 no answer has a loss below the entropy of (0.8, 0.2)
    double least = -0.8 * Math.log(0.8) - 0.2 * Math.log(0.2);
    assertThat(losses(smooth).getLast()).isGreaterThan(least);
    assertThat(losses(sharp).getLast()).isLessThan(least / 2);
    assertThat(smooth.evaluation().get("eval_loss")).isLessThan(least);
  }

  private JobSpec job(String output, UnaryOperator<TrainingSpec.Builder> training) {
    return new TinyJob(folder)
        .job(output, training)
        .withOptimizer(OptimizerSpec.of("adamw", 3e-2)); // it learns its rows in 40 steps
  }

  private static List<Double> losses(Run run) {
    return run.history().stream()
        .filter(entry -> entry.containsKey("loss"))
        .map(entry -> entry.get("loss"))
        .toList();
  }

  private static byte[] weights(Run run) throws IOException {
    return Files.readAllBytes(run.adapter().resolve("adapter_model.safetensors"));
  }

  private static Map<String, float[]> values(Path file) {
    try (SafetensorsFile opened = SafetensorsFile.open(file);
        Scope _ = Scope.open()) {
      Map<String, float[]> values = new TreeMap<>();
      opened.entries().keySet().forEach(name -> values.put(name, opened.tensor(name).toFloats()));
      return values;
    }
  }
}
