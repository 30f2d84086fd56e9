package dev.jlora.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jlora.adapters.AdaptersPlugin;
import dev.jlora.bert.BertFamily;
import dev.jlora.datasets.DatasetsPlugin;
import dev.jlora.engine.Engine;
import dev.jlora.engine.jobs.JobPlan;
import dev.jlora.host.Plugins;
import dev.jlora.io.ModelConfig;
import dev.jlora.model.tree.Architecture;
import dev.jlora.optimizers.OptimizersPlugin;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.ModelFamily;
import dev.jlora.tasks.TasksPlugin;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job is planned once: what a user is shown, what is counted and what runs is one plan. */
class OnePlanTest {
  @TempDir Path folder;
  private final CountedFamily family = new CountedFamily();
  private final JloraPlugin plugin = binder -> Contributions.of(binder).family(family);
  private final Engine engine =
      new Engine(
          Plugins.of(
              plugin,
              new AdaptersPlugin(),
              new OptimizersPlugin(),
              new TasksPlugin(),
              new DatasetsPlugin()));

  private JobSpec job() {
    return new TinyJob(folder).job("out", t -> t.maxSteps(2).save(Interval.never()).device("cpu"));
  }

  @Test
  void the_tree_is_declared_once_for_plan_forecast_and_run() {
    JobPlan plan = engine.prepare(job());
    assertThat(plan.summary().targets()).isNotEmpty();
    assertThat(engine.forecast(plan).memory().counted()).isTrue();
    assertThat(folder.resolve("out")).doesNotExist();
    engine.train(plan);

    assertThat(family.declared).isEqualTo(1);
  }

  /** BERT, which counts how often it is declared. */
  private static final class CountedFamily implements ModelFamily {
    private final BertFamily bert = new BertFamily();
    private int declared;

    @Override
    public String modelType() {
      return bert.modelType();
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
      declared++;
      return bert.declare(config, architecture);
    }

    @Override
    public List<String> defaultTargets() {
      return bert.defaultTargets();
    }
  }
}
