package dev.jlora;

import dev.jlora.spec.Interval;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TrainingSpec;
import java.util.Map;

/**
 * How to train, as a sentence: collects what becomes a {@link TrainingSpec}, an {@link
 * OptimizerSpec} and a {@link ScheduleSpec}, whose Javadoc has the defaults.
 */
public final class TrainingSteps {
  private final TrainingSpec.Builder training = TrainingSpec.builder();
  private double learningRate = OptimizerSpec.defaults().learningRate();
  private double weightDecay;
  private OptimizerSpec optimizer = OptimizerSpec.defaults();
  private ScheduleSpec schedule = ScheduleSpec.defaults();

  TrainingSteps() {}

  /** Passes over the training rows, parts of one allowed; default 3. */
  public TrainingSteps epochs(double epochs) {
    training.epochs(epochs);
    return this;
  }

  /** Ends the run after so many optimizer steps, whatever the epochs say. */
  public TrainingSteps maxSteps(int steps) {
    training.maxSteps(steps);
    return this;
  }

  /** Rows per micro-batch, in training and in evaluations. */
  public TrainingSteps batch(int rows) {
    training.batch(rows).evalBatch(rows);
    return this;
  }

  /** Rows per batch of an evaluation, where it is not that of training; set it after. */
  public TrainingSteps evalBatch(int rows) {
    training.evalBatch(rows);
    return this;
  }

  /** The most tokens written for a row of an evaluation, for metrics such as {@code bleu}. */
  public TrainingSteps evalMaxNewTokens(int tokens) {
    training.evalMaxNewTokens(tokens);
    return this;
  }

  /** Micro-batches per optimizer step. */
  public TrainingSteps accumulate(int microBatches) {
    training.accumulate(microBatches);
    return this;
  }

  /** Backward computes the blocks of the model again: less memory, more time. */
  public TrainingSteps gradientCheckpointing() {
    training.gradientCheckpointing(true);
    return this;
  }

  /** The highest rate; default 2e-4. */
  public TrainingSteps learningRate(double rate) {
    this.learningRate = rate;
    return this;
  }

  /** Default 0; biases and norms are spared. */
  public TrainingSteps weightDecay(double decay) {
    this.weightDecay = decay;
    return this;
  }

  /** {@code adamw}, {@code adam}, {@code sgd}, or what a plugin brings. */
  public TrainingSteps optimizer(String name) {
    return optimizer(name, Map.of());
  }

  /** An optimizer that a plugin brings, with parameters of its own by their keys in JSON. */
  public TrainingSteps optimizer(String name, Map<String, ?> parameters) {
    this.optimizer = optimizer.withName(name).withParameters(parameters);
    return this;
  }

  /** An optimizer with all its settings, rate and decay included. */
  public TrainingSteps optimizer(OptimizerSpec spec) {
    this.optimizer = spec;
    this.learningRate = spec.learningRate();
    this.weightDecay = spec.weightDecay();
    return this;
  }

  /** {@code linear}, {@code cosine}, {@code constant}, or what a plugin brings. */
  public TrainingSteps schedule(String name) {
    return schedule(name, Map.of());
  }

  /** A schedule that a plugin brings, with parameters of its own by their keys in JSON. */
  public TrainingSteps schedule(String name, Map<String, ?> parameters) {
    return schedule(schedule.withName(name).withParameters(parameters));
  }

  /** A schedule with its warm-up. */
  public TrainingSteps schedule(ScheduleSpec spec) {
    this.schedule = spec;
    return this;
  }

  /** Steps in which the rate rises from 0. */
  public TrainingSteps warmupSteps(int steps) {
    return schedule(schedule.withWarmupSteps(steps));
  }

  /** The share of all steps in which the rate rises. */
  public TrainingSteps warmupRatio(double share) {
    return schedule(schedule.withWarmupRatio(share));
  }

  /** Gradients are scaled down to this norm; 0 for never; default 1. */
  public TrainingSteps maxGradNorm(double norm) {
    training.maxGradNorm(norm);
    return this;
  }

  /** The share of a label that is spread over all; default 0. */
  public TrainingSteps labelSmoothing(double share) {
    training.labelSmoothing(share);
    return this;
  }

  /** Of fresh weights, of dropout, and of the order of rows; default 42. */
  public TrainingSteps seed(long seed) {
    training.seed(seed);
    return this;
  }

  /** libtorch's threads; default one per core. */
  public TrainingSteps threads(int threads) {
    training.threads(threads);
    return this;
  }

  /** A log line every so many steps; default 50. */
  public TrainingSteps loggingSteps(int steps) {
    training.loggingSteps(steps);
    return this;
  }

  /** Evaluates on the validation rows every so many steps; default every epoch. */
  public TrainingSteps evaluateEvery(int steps) {
    training.evaluate(Interval.steps(steps));
    return this;
  }

  /** Writes a checkpoint every so many steps; default every epoch. */
  public TrainingSteps saveEvery(int steps) {
    training.save(Interval.steps(steps));
    return this;
  }

  /** How many checkpoints are kept, the newest and always the best; default all. */
  public TrainingSteps saveTotalLimit(int checkpoints) {
    training.saveTotalLimit(checkpoints);
    return this;
  }

  /** The result is the checkpoint that is best by this metric. */
  public TrainingSteps keepBest(String metric) {
    training.keepBest(metric);
    return this;
  }

  /** Ends the run after so many evaluations without gain. */
  public TrainingSteps earlyStopping(int patience) {
    training.earlyStopping(patience, 0);
    return this;
  }

  /** The folder of the adapter, checkpoints and logs. */
  public TrainingSteps output(String folder) {
    training.output(folder);
    return this;
  }

  /** Replaces an earlier run in the output folder. */
  public TrainingSteps overwrite() {
    training.overwrite(true);
    return this;
  }

  /** Goes on from the newest checkpoint in the output folder. */
  public TrainingSteps resume() {
    training.resume(true);
    return this;
  }

  TrainingSpec trainingSpec() {
    return training.build();
  }

  OptimizerSpec optimizerSpec() {
    return optimizer.withLearningRate(learningRate).withWeightDecay(weightDecay);
  }

  ScheduleSpec scheduleSpec() {
    return schedule;
  }
}
