package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.jlora.adapters.AdaptersPlugin;
import dev.jlora.bert.BertPlugin;
import dev.jlora.datasets.DatasetsPlugin;
import dev.jlora.engine.Engine;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.host.Plugins;
import dev.jlora.optimizers.Optimizers;
import dev.jlora.optimizers.OptimizersPlugin;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tasks.TasksPlugin;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Tensor;
import dev.jlora.tensor.TensorMemory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The memory that a plan counts, against that of steps that run. */
class ForecastTest {
  private static final String MODEL = "../../examples/models/bert-tiny-imdb";
  private static final int BATCH = 8;
  private static final int LENGTH = 256;

  @TempDir private Path folder;

  private final Engine engine = new Engine(Plugins.load());

  private JobSpec job(boolean checkpointing, String optimizer) {
    TinyJob tiny = new TinyJob(folder);
    JobSpec job =
        tiny.job(
            TaskSpec.of(TaskSpec.SEQUENCE_CLASSIFICATION),
            tiny.reviews(24).toBuilder().maxLength(LENGTH).padding(Padding.MAX_LENGTH).build(),
            "out",
            training ->
                training
                    .batch(BATCH)
                    .accumulate(1)
                    .maxSteps(2)
                    .save(Interval.never())
                    .gradientCheckpointing(checkpointing)
                    .device("cpu"));
    return new JobSpec(
        ModelSpec.of(MODEL),
        job.task(),
        LoraSpec.builder().rank(8).alpha(32).dropout(0.1).targets("query", "value").build(),
        job.data(),
        OptimizerSpec.of(optimizer, 1e-4),
        job.schedule(),
        job.training());
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void is_within_a_tenth_of_the_tensors_of_a_step(boolean checkpointing) {
    JobSpec job = job(checkpointing, "adamw");
    Plan.Memory counted = engine.forecast(job).memory();

    long before = TensorMemory.liveBytes();
    TensorMemory.resetPeak(Device.Kind.CPU);
    engine.train(job);
    long measured = TensorMemory.peakBytes() - before;
    long mapped = counted.weights(); // the model's file is mapped, which the peak does not count

    assertThat(counted.counted()).isTrue();
    assertThat(counted.total() - mapped).isCloseTo(measured, withinPercentage(10));
  }

  @Test
  void checkpointing_and_a_smaller_state_show() {
    Plan.Memory kept = engine.forecast(job(false, "adamw")).memory();
    Plan.Memory again = engine.forecast(job(true, "adamw8bit")).memory();

    assertThat(again.activations()).isLessThan(kept.activations() * 2 / 3);
    assertThat(again.optimizer()).isEqualTo(kept.optimizer() / 4);
    assertThat(again.weights()).isEqualTo(kept.weights());
  }

  /** Attention that can be recorded keeps its probabilities, [heads, rows, rows] in each layer. */
  @Test
  void recordings_cost_the_probabilities_of_attention() throws IOException {
    String model = dropping().toString();
    Plan.Memory fused = engine.forecast(with(model, "off")).memory();
    Plan.Memory recorded = engine.forecast(with(model, "auto")).memory();

    long probabilities = 2L * BATCH * LENGTH * LENGTH * Float.BYTES; // of one layer
    assertThat(recorded.activations() - fused.activations()).isGreaterThan(2 * probabilities);
    assertThat(recorded.counted()).isTrue();
  }

  /** A part that looks at values has none to look at, which is no fault of the job. */
  @Test
  void a_step_that_needs_values_leaves_the_estimate_and_says_why() {
    Plan plan = engineWith(gradient -> gradient.toFloats()).forecast(job(false, "looking"));

    assertThat(plan.memory().counted()).isFalse();
    assertThat(plan.notes())
        .anySatisfy(
            note ->
                assertThat(note)
                    .startsWith("memory is only estimated: no step could be tried without data")
                    .contains("on meta, where tensors have none"));
  }

  /** What breaks a step would break the run: a plan that says nothing of it helps nobody. */
  @Test
  void a_step_that_fails_is_not_passed_over() {
    Engine broken =
        engineWith(
            gradient -> {
              throw new IllegalStateException("broken on purpose");
            });
    JobSpec job = job(false, "looking");

    assertThatThrownBy(() -> broken.forecast(job)).hasMessage("broken on purpose");
    assertThat(TensorMemory.liveBytes(Device.Kind.META)).isZero();
  }

  /** An engine with an optimizer that hands gradients to {@code look}. */
  private static Engine engineWith(Consumer<Tensor> look) {
    JloraPlugin plugin =
        binder -> Contributions.of(binder).optimizer(new Looking(Optimizers.SGD, look));
    return new Engine(
        Plugins.of(
            new BertPlugin(),
            new AdaptersPlugin(),
            new OptimizersPlugin(),
            new TasksPlugin(),
            new DatasetsPlugin(),
            plugin));
  }

  private record Looking(OptimizerFactory inner, Consumer<Tensor> look)
      implements OptimizerFactory {
    @Override
    public String name() {
      return "looking";
    }

    @Override
    public long stateBytesPerParameter(OptimizerSpec spec) {
      return 0;
    }

    @Override
    public Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec) {
      return new LookingOptimizer(inner.create(parameters, spec), look);
    }
  }

  private record LookingOptimizer(Optimizer inner, Consumer<Tensor> look) implements Optimizer {
    @Override
    public void step(List<@Nullable Tensor> gradients, double learningRate) {
      gradients.forEach(look);
      inner.step(gradients, learningRate);
    }

    @Override
    public Map<String, Tensor> state() {
      return inner.state();
    }

    @Override
    public void restore(Map<String, Tensor> state) {
      inner.restore(state);
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  /** The model, with dropout on attention. */
  private Path dropping() throws IOException {
    Path copy = Files.createDirectory(folder.resolve("dropping"));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(MODEL))) {
      for (Path file : files) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    Path config = copy.resolve("config.json");
    String text = Files.readString(config);
    Files.writeString(
        config,
        text.replace(
            "\"attention_probs_dropout_prob\": 0.0", "\"attention_probs_dropout_prob\": 0.1"));
    return copy;
  }

  private JobSpec with(String model, String graphs) {
    JobSpec job = job(false, "adamw");
    return new JobSpec(
        ModelSpec.of(model),
        job.task(),
        job.adapter(),
        job.data(),
        job.optimizer(),
        job.schedule(),
        job.training().toBuilder().cudaGraphs(graphs).build());
  }

  @Test
  void leaves_nothing_behind_and_says_what_it_found() {
    long live = Tensor.live();
    Plan plan = engine.forecast(job(false, "adamw"));
    assertThat(Tensor.live()).isEqualTo(live);
    assertThat(TensorMemory.liveBytes(Device.Kind.META)).isZero();
    assertThat(plan.toString()).contains("memory, counted: ", "at the peak of a step", "resident");
  }
}
