package dev.jlora.engine.training;

import dev.jlora.data.SamplerOptions;
import dev.jlora.engine.runs.ResumePoint;
import dev.jlora.engine.steps.StepSettings;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.TrainingSpec;
import dev.jlora.spi.Metric;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The resolved settings of a training run.
 *
 * @param output the folder for adapter, checkpoints and state
 * @param epochs passes over the data, fractions allowed, if {@code maxSteps} is 0
 * @param maxSteps optimizer steps, regardless of {@code epochs}; 0 for none
 * @param accumulation micro-batches of a step
 * @param sampler order and size of micro-batches
 * @param recipe settings of a step
 * @param loggingSteps steps between log lines
 * @param evaluate when to evaluate
 * @param save when to write a checkpoint
 * @param saveLimit number of checkpoints to keep; 0 for all
 * @param bestMetric the metric whose best checkpoint is the result; null for the last weights
 * @param patience evaluations without improvement after which training stops; 0 for never
 * @param threshold minimum improvement
 */
record TrainingSettings(
    Path output,
    double epochs,
    long maxSteps,
    int accumulation,
    SamplerOptions sampler,
    StepSettings recipe,
    int loggingSteps,
    Interval evaluate,
    Interval save,
    int saveLimit,
    @Nullable BestMetric bestMetric,
    int patience,
    double threshold) {

  /**
   * The settings of a job.
   *
   * @param metrics the metrics of its evaluations, for their direction
   */
  static TrainingSettings of(JobSpec job, List<Metric> metrics) {
    TrainingSpec training = job.training();
    Long shuffleSeed = job.data().shuffleSeed();
    return new TrainingSettings(
        Path.of(training.output()),
        training.epochs(),
        training.maxSteps() == null ? 0 : training.maxSteps(),
        training.gradientAccumulationSteps(),
        new SamplerOptions(
            order(job.data()),
            training.batchSize(),
            shuffleSeed == null ? training.seed() : shuffleSeed,
            /* dropLast= */ false),
        StepSettings.of(job),
        training.loggingSteps(),
        training.evaluate(),
        training.save(),
        training.saveTotalLimit() == null ? 0 : training.saveTotalLimit(),
        best(job, metrics),
        training.earlyStoppingPatience() == null ? 0 : training.earlyStoppingPatience(),
        training.earlyStoppingThreshold());
  }

  private static SamplerOptions.Order order(DataSpec data) {
    if (!data.shuffle()) {
      return SamplerOptions.Order.SEQUENTIAL;
    }
    return data.groupByLength()
        ? SamplerOptions.Order.LENGTH_GROUPED
        : SamplerOptions.Order.SHUFFLED;
  }

  private static @Nullable BestMetric best(JobSpec job, List<Metric> metrics) {
    String name = job.training().bestMetric();
    if (name == null) {
      return null;
    }
    Boolean greater = job.training().greaterIsBetter();
    boolean larger =
        greater != null
            ? greater
            : metrics.stream().anyMatch(m -> m.name().equals(name) && m.largerIsBetter());
    return new BestMetric("eval_" + name, larger);
  }

  /** A metric as reported by evaluations ({@code eval_loss}), and its direction. */
  record BestMetric(String key, boolean largerIsBetter) {}

  /** Optimizer steps of one epoch: the last one may have fewer micro-batches. */
  static long stepsPerEpoch(long batches, int accumulation) {
    return Math.max(1, Math.ceilDiv(batches, accumulation));
  }

  /** Optimizer steps of the whole run. */
  long totalSteps(long batchesPerEpoch) {
    double all = epochs * stepsPerEpoch(batchesPerEpoch, accumulation);
    return maxSteps > 0 ? maxSteps : (long) Math.ceil(all - 1e-9);
  }

  ResumePoint.DataOrder dataOrder(int rows) {
    return new ResumePoint.DataOrder(
        rows, sampler.batchSize(), accumulation, sampler.order().name(), sampler.seed());
  }
}
