package dev.jlora;

import dev.jlora.spec.Draft;
import dev.jlora.spec.Interval;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TrainingSpec;
import java.util.Map;

/**
 * How to train, as a sentence: collects what becomes a {@link TrainingSpec}, an {@link
 * OptimizerSpec} and a {@link ScheduleSpec}, whose Javadoc has the defaults. Immutable: every word
 * returns new steps, and their order means nothing, except that of the same word twice the later
 * counts.
 */
public final class TrainingBuilder {
  private static final String BATCH = "batchSize";
  private static final String EVAL_BATCH = "evalBatchSize";

  private final Draft<TrainingSpec> training;
  private final Draft<OptimizerSpec> optimizer;
  private final Draft<ScheduleSpec> schedule;

  TrainingBuilder() {
    this(Draft.of(TrainingSpec.class), Draft.of(OptimizerSpec.class), Draft.of(ScheduleSpec.class));
  }

  private TrainingBuilder(
      Draft<TrainingSpec> training, Draft<OptimizerSpec> optimizer, Draft<ScheduleSpec> schedule) {
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

  /** Passes over the training rows, parts of one allowed; default 3. */
  public TrainingBuilder epochs(double epochs) {
    return with("epochs", epochs);
  }

  /** Ends the run after so many optimizer steps, whatever the epochs say. */
  public TrainingBuilder maxSteps(int steps) {
    return with("maxSteps", steps);
  }

  /** Rows per micro-batch, in training and in evaluations. */
  public TrainingBuilder batch(int rows) {
    return with("batchSize", rows);
  }

  /** Rows per batch of an evaluation; default that of training. */
  public TrainingBuilder evalBatch(int rows) {
    return with("evalBatchSize", rows);
  }

  /** The most tokens written for a row of an evaluation, for metrics such as {@code bleu}. */
  public TrainingBuilder evalMaxNewTokens(int tokens) {
    return with("evalMaxNewTokens", tokens);
  }

  /** Micro-batches per optimizer step. */
  public TrainingBuilder accumulate(int microBatches) {
    return with("gradientAccumulationSteps", microBatches);
  }

  /** Backward computes the blocks of the model again: less memory, more time. */
  public TrainingBuilder gradientCheckpointing() {
    return with("gradientCheckpointing", true);
  }

  /** The highest rate; default 2e-4. */
  public TrainingBuilder learningRate(double rate) {
    return ofOptimizer("learningRate", rate);
  }

  /** Default 0; biases and norms are spared. */
  public TrainingBuilder weightDecay(double decay) {
    return ofOptimizer("weightDecay", decay);
  }

  /** {@code adamw}, {@code adam}, {@code sgd}, or what a plugin brings. */
  public TrainingBuilder optimizer(String name) {
    return optimizer(name, Map.of());
  }

  /** An optimizer that a plugin brings, with parameters of its own by their keys in JSON. */
  public TrainingBuilder optimizer(String name, Map<String, ?> parameters) {
    return ofOptimizer("name", name).ofOptimizer("parameters", Map.copyOf(parameters));
  }

  /**
   * An optimizer with all its settings; words beside it replace single ones, whatever the order.
   */
  public TrainingBuilder optimizer(OptimizerSpec spec) {
    return new TrainingBuilder(training, optimizer.over(spec), schedule);
  }

  /** {@code linear}, {@code cosine}, {@code constant}, or what a plugin brings. */
  public TrainingBuilder schedule(String name) {
    return schedule(name, Map.of());
  }

  /** A schedule that a plugin brings, with parameters of its own by their keys in JSON. */
  public TrainingBuilder schedule(String name, Map<String, ?> parameters) {
    return ofSchedule("name", name).ofSchedule("parameters", Map.copyOf(parameters));
  }

  /** A schedule with its warm-up; words beside it replace both, whatever the order. */
  public TrainingBuilder schedule(ScheduleSpec spec) {
    return new TrainingBuilder(training, optimizer, schedule.over(spec));
  }

  /** Steps in which the rate rises from 0. */
  public TrainingBuilder warmupSteps(int steps) {
    return ofSchedule("warmupSteps", steps);
  }

  /** The share of all steps in which the rate rises. */
  public TrainingBuilder warmupRatio(double share) {
    return ofSchedule("warmupRatio", share);
  }

  /** Gradients are scaled down to this norm; 0 for never; default 1. */
  public TrainingBuilder maxGradNorm(double norm) {
    return with("maxGradNorm", norm);
  }

  /** The share of a label that is spread over all; default 0. */
  public TrainingBuilder labelSmoothing(double share) {
    return with("labelSmoothing", share);
  }

  /** Of fresh weights, of dropout, and of the order of rows; default 42. */
  public TrainingBuilder seed(long seed) {
    return with("seed", seed);
  }

  /** libtorch's threads; default one per core. */
  public TrainingBuilder threads(int threads) {
    return with("threads", threads);
  }

  /** A log line every so many steps; default 50. */
  public TrainingBuilder loggingSteps(int steps) {
    return with("loggingSteps", steps);
  }

  /** Evaluates on the validation rows every so many steps; default every epoch. */
  public TrainingBuilder evaluateEvery(int steps) {
    return with("evaluate", Interval.steps(steps));
  }

  /** Writes a checkpoint every so many steps; default every epoch. */
  public TrainingBuilder saveEvery(int steps) {
    return with("save", Interval.steps(steps));
  }

  /** How many checkpoints are kept, the newest and always the best; default all. */
  public TrainingBuilder saveTotalLimit(int checkpoints) {
    return with("saveTotalLimit", checkpoints);
  }

  /** The result is the checkpoint that is best by this metric. */
  public TrainingBuilder keepBest(String metric) {
    return with("bestMetric", metric);
  }

  /** Ends the run after so many evaluations without gain. */
  public TrainingBuilder earlyStopping(int patience) {
    return with("earlyStoppingPatience", patience);
  }

  /** Whether larger values of the best metric are better; by default the metric says. */
  public TrainingBuilder greaterIsBetter(boolean greater) {
    return with("greaterIsBetter", greater);
  }

  /** Where it runs: {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}. */
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

  /** Whether an earlier run in the output folder is replaced. */
  public TrainingBuilder overwrite(boolean yes) {
    return with("overwrite", yes);
  }

  /** Goes on from the newest checkpoint in the output folder. */
  public TrainingBuilder resume() {
    return resume(true);
  }

  /** Whether training continues from the newest checkpoint in the output folder. */
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
