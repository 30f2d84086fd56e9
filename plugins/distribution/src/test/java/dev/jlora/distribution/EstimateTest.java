package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.Binder;
import dev.jlora.adapters.AdaptersPlugin;
import dev.jlora.bert.BertPlugin;
import dev.jlora.datasets.DatasetsPlugin;
import dev.jlora.engine.Engine;
import dev.jlora.engine.jobs.Plan;
import dev.jlora.host.Plugins;
import dev.jlora.io.Json;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.optimizers.OptimizersPlugin;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Optimizer;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ParameterGroup;
import dev.jlora.tasks.TasksPlugin;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans whose memory cannot be counted: they keep the estimate and say why. */
class EstimateTest {
  private static final String ESTIMATED = "memory is only estimated: ";

  @TempDir Path folder;
  private final Engine engine =
      new Engine(
          Plugins.of(
              new BertPlugin(),
              new AdaptersPlugin(),
              new OptimizersPlugin(),
              new TasksPlugin(),
              new DatasetsPlugin(),
              new OddPlugin()));

  /** A model without a longest text, and an optimizer that looks at numbers. */
  static final class OddPlugin implements JloraPlugin {
    @Override
    public void configure(Binder binder) {
      Contributions.of(binder)
          .family(new Endless(Plugins.load().families().get("bert")))
          .optimizer(new Reading());
    }
  }

  record Endless(ModelFamily bert) implements ModelFamily {
    @Override
    public String modelType() {
      return "endless";
    }

    @Override
    public List<String> architectures() {
      return bert.architectures();
    }

    @Override
    public Optional<String> architecture(String task) {
      return bert.architecture(task);
    }

    @Override
    public Architecture declare(ModelConfig config, String architecture) {
      Architecture limited = bert.declare(config, architecture);
      return new Architecture(
          limited.name(),
          limited.root(),
          limited.inputs(),
          limited.outputs(),
          limited.basePrefix(),
          limited.heads(),
          limited.otherHeads(),
          limited.tied(),
          limited.buffers(),
          limited.outputEmbedding(),
          /* maxPositions= */ 0,
          limited.aliases());
    }

    @Override
    public List<String> defaultTargets() {
      return bert.defaultTargets();
    }
  }

  static final class Reading implements OptimizerFactory {
    @Override
    public String name() {
      return "reading";
    }

    @Override
    public long stateBytesPerParameter(OptimizerSpec spec) {
      return 0;
    }

    @Override
    public Optimizer create(List<ParameterGroup> parameters, OptimizerSpec spec) {
      return new Optimizer() {
        @Override
        public void step(List<@Nullable Tensor> gradients, double learningRate) {
          parameters.getFirst().parameter().value().toFloats();
        }

        @Override
        public Map<String, Tensor> state() {
          return Map.of();
        }

        @Override
        public void restore(Map<String, Tensor> state) {}

        @Override
        public void close() {}
      };
    }
  }

  private JobSpec job() {
    return new TinyJob(folder).job("out", t -> t.maxSteps(1));
  }

  @Test
  void nothing_limits_the_length_of_rows() {
    JobSpec job = job();
    Path config = Path.of(job.model().path(), "config.json");
    Json.write(config, Json.readObject(config).put("model_type", "endless"));
    Plan plan = engine.forecast(job);
    assertThat(plan.memory().counted()).isFalse();
    assertThat(plan.toString())
        .contains("memory, estimated: ")
        .contains(
            "\n"
                + ESTIMATED
                + "nothing limits the length of rows; set data.max_length (--max-length)");
    DataSpec limited = job.data().toBuilder().maxLength(16).build();
    assertThat(engine.forecast(job.withData(limited)).memory().counted()).isTrue();
  }

  @Test
  void a_part_of_a_plugin_does_not_run_without_data() {
    Plan plan = engine.forecast(job().withOptimizer(OptimizerSpec.of("reading", 1e-3)));
    assertThat(plan.memory().counted()).isFalse();
    assertThat(plan.notes())
        .filteredOn(note -> note.startsWith(ESTIMATED))
        .singleElement()
        .asString()
        .startsWith(ESTIMATED + "no step could be tried without data (");
    assertThat(plan.toString()).contains("memory, estimated: ").doesNotContain("at the peak");
  }
}
