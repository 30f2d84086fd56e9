package dev.jlora.cli;

import dev.jlora.spec.Interval;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.TrainingSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a run goes, as options. */
final class TrainingOptions {
  @Option(names = "--epochs", paramLabel = "X", description = "Default: 3.")
  private @Nullable Double epochs;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = "Ends the run after so many steps.")
  private @Nullable Integer maxSteps;

  @Option(names = "--batch", paramLabel = "N", description = "Rows per micro-batch; default: 8.")
  private @Nullable Integer batch;

  @Option(
      names = "--eval-batch",
      paramLabel = "N",
      description = "Rows per batch of an evaluation.")
  private @Nullable Integer evalBatch;

  @Option(
      names = "--eval-max-new-tokens",
      paramLabel = "N",
      description = "Written for a row of an evaluation, at most; default: 64.")
  private @Nullable Integer evalMaxNewTokens;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description = "Micro-batches per step; default: 1.")
  private @Nullable Integer accumulate;

  @Option(
      names = "--gradient-checkpointing",
      description = "Compute blocks again in backward: less memory, more time.")
  private boolean gradientCheckpointing;

  @Option(names = "--lr", paramLabel = "X", description = "Learning rate; default: 2e-4.")
  private @Nullable Double rate;

  @Option(names = "--weight-decay", paramLabel = "X", description = "Default: 0.")
  private @Nullable Double weightDecay;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "adamw, adamw8bit, adam, sgd; default: adamw.")
  private @Nullable String optimizer;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description = "linear, cosine, constant; default: linear.")
  private @Nullable String schedule;

  @Option(names = "--warmup-steps", paramLabel = "N", description = "Default: 0.")
  private @Nullable Integer warmupSteps;

  @Option(
      names = "--warmup-ratio",
      paramLabel = "X",
      description = "The same as a share of all steps.")
  private @Nullable Double warmupRatio;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "X",
      description = "Clip to this norm, 0 never; default: 1.")
  private @Nullable Double maxGradNorm;

  @Option(names = "--label-smoothing", paramLabel = "X", description = "Default: 0.")
  private @Nullable Double labelSmoothing;

  @Option(names = "--logging-steps", paramLabel = "N", description = "Default: 50.")
  private @Nullable Integer loggingSteps;

  @Option(
      names = "--evaluate",
      paramLabel = "WHEN",
      description = "no, epoch (default), or a number of steps; on validation rows.")
  private @Nullable Interval evaluate;

  @Option(
      names = "--save",
      paramLabel = "WHEN",
      description = "A checkpoint: no, epoch (default), or a number of steps.")
  private @Nullable Interval save;

  @Option(
      names = "--save-total-limit",
      paramLabel = "N",
      description = "Checkpoints to keep; default: all.")
  private @Nullable Integer saveTotalLimit;

  @Option(
      names = "--keep-best",
      paramLabel = "METRIC",
      description = "Keep the weights best by this.")
  private @Nullable String keepBest;

  @Option(
      names = "--early-stopping",
      paramLabel = "N",
      description = "End after so many evaluations without gain.")
  private @Nullable Integer patience;

  @Option(names = "--seed", paramLabel = "N", description = "Default: 42.")
  private @Nullable Long seed;

  @Option(names = "--threads", paramLabel = "N", description = "Default: one per core.")
  private @Nullable Integer threads;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "auto (default: a GPU if there is one), cpu, cuda or cuda:INDEX.")
  private @Nullable String device;

  @Option(names = "--tf32", description = "Let a GPU round fp32 products to TF32.")
  private boolean tf32;

  @Option(
      names = "--cuda-graphs",
      paramLabel = "WHEN",
      description = "auto: record steps of repeated shape on a GPU; off (default).")
  private @Nullable String cudaGraphs;

  @Option(names = "--output", paramLabel = "DIR", description = "Default: runs/jlora.")
  private @Nullable String output;

  @Option(names = "--overwrite", description = "Replace an earlier run in the output folder.")
  private boolean overwrite;

  @Option(names = "--resume", description = "Go on from the newest checkpoint there.")
  private boolean resume;

  TrainingSpec spec() {
    TrainingSpec.Builder builder = TrainingSpec.builder().overwrite(overwrite).resume(resume);
    JobOptions.set(epochs, builder::epochs);
    JobOptions.set(maxSteps, builder::maxSteps);
    JobOptions.set(batch, rows -> builder.batch(rows).evalBatch(rows));
    JobOptions.set(accumulate, builder::accumulate);
    JobOptions.set(loggingSteps, builder::loggingSteps);
    JobOptions.set(evalBatch, builder::evalBatch);
    JobOptions.set(evalMaxNewTokens, builder::evalMaxNewTokens);
    JobOptions.set(maxGradNorm, builder::maxGradNorm);
    JobOptions.set(labelSmoothing, builder::labelSmoothing);
    JobOptions.set(evaluate, builder::evaluate);
    JobOptions.set(save, builder::save);
    JobOptions.set(saveTotalLimit, builder::saveTotalLimit);
    JobOptions.set(patience, evaluations -> builder.earlyStopping(evaluations, 0));
    JobOptions.set(keepBest, builder::keepBest);
    JobOptions.set(seed, builder::seed);
    JobOptions.set(threads, builder::threads);
    JobOptions.set(device, builder::device);
    builder.gradientCheckpointing(gradientCheckpointing);
    builder.tf32(tf32);
    JobOptions.set(cudaGraphs, builder::cudaGraphs);
    JobOptions.set(output, builder::output);
    return builder.build();
  }

  OptimizerSpec optimizerSpec() {
    OptimizerSpec spec = OptimizerSpec.defaults();
    spec = optimizer == null ? spec : spec.withName(optimizer);
    spec = rate == null ? spec : spec.withLearningRate(rate);
    return weightDecay == null ? spec : spec.withWeightDecay(weightDecay);
  }

  ScheduleSpec scheduleSpec() {
    ScheduleSpec spec = schedule == null ? ScheduleSpec.defaults() : ScheduleSpec.of(schedule);
    if (warmupSteps != null || warmupRatio != null) {
      return new ScheduleSpec(
          spec.name(),
          warmupSteps == null ? 0 : warmupSteps,
          warmupRatio == null ? 0 : warmupRatio);
    }
    return spec;
  }
}
