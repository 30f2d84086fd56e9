package dev.jlora;

import dev.jlora.spec.Interval;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TrainingSpec;
import java.util.Map;

/**
 * Training options: collects a {@link TrainingSpec}, an {@link OptimizerSpec} and a {@link
 * ScheduleSpec}, whose Javadoc has the defaults. Immutable: every method returns a new builder. The
 * order of calls does not matter, except that a later call replaces an earlier one of the same
 * method.
 */
public final class TrainingBuilder {
  private static final String BATCH = "batchSize";
  private static final String EVAL_BATCH = "evalBatchSize";

  private final PartialSpec<TrainingSpec> training;
  private final PartialSpec<OptimizerSpec> optimizer;
  private final PartialSpec<ScheduleSpec> schedule;

  TrainingBuilder() {
    this(
        PartialSpec.of(TrainingSpec.class),
        PartialSpec.of(OptimizerSpec.class),
        PartialSpec.of(ScheduleSpec.class));
  }

  private TrainingBuilder(
      PartialSpec<TrainingSpec> training,
      PartialSpec<OptimizerSpec> optimizer,
      PartialSpec<ScheduleSpec> schedule) {
    this.training = training;
    this.optimizer = optimizer;
    this.schedule = schedule;
  }

  private TrainingBuilder with(String component, Object value) {
    return new TrainingBuilder(training.with(component, value), optimizer, schedule);
  }

  private TrainingBuilder ofOptimizer(String component, Object value) {
    return new TrainingBuilder(training, optimizer.with(component, value), schedule);
  }

  private TrainingBuilder ofSchedule(String component, Object value) {
    return new TrainingBuilder(training, optimizer, schedule.with(component, value));
  }

  /** Passes over the training rows, fractions allowed; default 3. */
  public TrainingBuilder epochs(double epochs) {
    return with("epochs", epochs);
  }

  /** Maximum number of optimizer steps, regardless of the epochs. */
  public TrainingBuilder maxSteps(int steps) {
    return with("maxSteps", steps);
  }

  /** Rows per micro-batch, in training and in evaluations. */
  public TrainingBuilder batch(int rows) {
    return with("batchSize", rows);
  }

  /** Rows per batch of an evaluation; default: that of training. */
  public TrainingBuilder evalBatch(int rows) {
    return with("evalBatchSize", rows);
  }

  /**
   * Maximum number of tokens generated per row of an evaluation, for metrics such as {@code bleu}.
   */
  public TrainingBuilder evalMaxNewTokens(int tokens) {
    return with("evalMaxNewTokens", tokens);
  }

  /** Micro-batches per optimizer step. */
  public TrainingBuilder accumulate(int microBatches) {
    return with("gradientAccumulationSteps", microBatches);
  }

  /** Recomputes the blocks of the model in the backward pass: less memory, more time. */
  public TrainingBuilder gradientCheckpointing() {
    return with("gradientCheckpointing", true);
  }

  /** The peak learning rate; default 2e-4. */
  public TrainingBuilder learningRate(double rate) {
    return ofOptimizer("learningRate", rate);
  }

  /** Weight decay, not applied to biases and norms; default 0. */
  public TrainingBuilder weightDecay(double decay) {
    return ofOptimizer("weightDecay", decay);
  }

  /** {@code adamw}, {@code adam}, {@code sgd}, or an optimizer of a plugin. */
  public TrainingBuilder optimizer(String name) {
    return optimizer(name, Map.of());
  }

  /** An optimizer of a plugin, with its own parameters by their JSON keys. */
  public TrainingBuilder optimizer(String name, Map<String, ?> parameters) {
    return ofOptimizer("name", name).ofOptimizer("parameters", Map.copyOf(parameters));
  }

  /** An optimizer with all its settings; other methods override single ones, in any order. */
  public TrainingBuilder optimizer(OptimizerSpec spec) {
    return new TrainingBuilder(training, optimizer.over(spec), schedule);
  }

  /** {@code linear}, {@code cosine}, {@code constant}, or a schedule of a plugin. */
  public TrainingBuilder schedule(String name) {
    return schedule(name, Map.of());
  }

  /** A schedule of a plugin, with its own parameters by their JSON keys. */
  public TrainingBuilder schedule(String name, Map<String, ?> parameters) {
    return ofSchedule("name", name).ofSchedule("parameters", Map.copyOf(parameters));
  }

  /** A schedule with its warm-up; other methods override both, in any order. */
  public TrainingBuilder schedule(ScheduleSpec spec) {
    return new TrainingBuilder(training, optimizer, schedule.over(spec));
  }

  /** Steps over which the learning rate rises from 0. */
  public TrainingBuilder warmupSteps(int steps) {
    return ofSchedule("warmupSteps", steps);
  }

  /** The fraction of all steps over which the learning rate rises from 0. */
  public TrainingBuilder warmupRatio(double share) {
    return ofSchedule("warmupRatio", share);
  }

  /** Maximum gradient norm, by clipping; 0 for none; default 1. */
  public TrainingBuilder maxGradNorm(double norm) {
    return with("maxGradNorm", norm);
  }

  /** Label smoothing: the share of a label that is spread over all classes; default 0. */
  public TrainingBuilder labelSmoothing(double share) {
    return with("labelSmoothing", share);
  }

  /** Seed for weight initialization, dropout and shuffling; default 42. */
  public TrainingBuilder seed(long seed) {
    return with("seed", seed);
  }

  /** libtorch's threads; default: one per core. */
  public TrainingBuilder threads(int threads) {
    return with("threads", threads);
  }

  /** Number of steps between log lines; default 50. */
  public TrainingBuilder loggingSteps(int steps) {
    return with("loggingSteps", steps);
  }

  /** Number of steps between evaluations on the validation rows; default: every epoch. */
  public TrainingBuilder evaluateEvery(int steps) {
    return with("evaluate", Interval.steps(steps));
  }

  /** Number of steps between checkpoints; default: every epoch. */
  public TrainingBuilder saveEvery(int steps) {
    return with("save", Interval.steps(steps));
  }

  /** Number of checkpoints to keep, the newest and always the best; default: all. */
  public TrainingBuilder saveTotalLimit(int checkpoints) {
    return with("saveTotalLimit", checkpoints);
  }

  /** The result is the checkpoint that is best by this metric. */
  public TrainingBuilder keepBest(String metric) {
    return with("bestMetric", metric);
  }

  /** Ends the run after this many evaluations without improvement. */
  public TrainingBuilder earlyStopping(int patience) {
    return with("earlyStoppingPatience", patience);
  }

  /** Whether higher values of the best metric are better; by default this depends on the metric. */
  public TrainingBuilder greaterIsBetter(boolean greater) {
    return with("greaterIsBetter", greater);
  }

  /** The device: {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}. */
  public TrainingBuilder device(String name) {
    return with("device", name);
  }

  /** The folder of the adapter, checkpoints and logs. */
  public TrainingBuilder output(String folder) {
    return with("output", folder);
  }

  /** Replaces an earlier run in the output folder. */
  public TrainingBuilder overwrite() {
    return overwrite(true);
  }

  /** Whether to replace an earlier run in the output folder. */
  public TrainingBuilder overwrite(boolean yes) {
    return with("overwrite", yes);
  }

  /** Continues from the newest checkpoint in the output folder. */
  public TrainingBuilder resume() {
    return resume(true);
  }

  /** Whether to continue from the newest checkpoint in the output folder. */
  public TrainingBuilder resume(boolean yes) {
    return with("resume", yes);
  }

  TrainingSpec trainingSpec() {
    Object batch = training.get(BATCH);
    return (batch == null || training.has(EVAL_BATCH) ? training : training.with(EVAL_BATCH, batch))
        .build();
  }

  OptimizerSpec optimizerSpec() {
    return optimizer.build();
  }

  ScheduleSpec scheduleSpec() {
    boolean steps = schedule.has("warmupSteps");
    boolean ratio = schedule.has("warmupRatio");
    return steps == ratio
        ? schedule.build()
        : schedule.with(steps ? "warmupRatio" : "warmupSteps", steps ? (Object) 0.0 : 0).build();
  }
}
