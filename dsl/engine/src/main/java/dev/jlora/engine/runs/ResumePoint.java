package dev.jlora.engine.runs;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.jlora.data.BatchPosition;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The position at which a checkpoint continues: {@code resume.json}.
 *
 * @param step optimizer steps taken, which determines the schedule
 * @param epoch of the next batch, from 0
 * @param batch index of the next batch in its epoch
 * @param dropoutSeed seed of the dropout stream
 * @param dropoutOffset its position
 * @param loggedLoss sum of the losses since the last log line
 * @param loggedSteps number of these losses
 * @param order determines the order of batches
 * @param fingerprint of the job; null in older checkpoints
 * @param files names of the files of the checkpoint; null in older checkpoints
 */
public record ResumePoint(
    @JsonProperty(value = "step", required = true) long step,
    @JsonProperty(value = "epoch", required = true) int epoch,
    @JsonProperty(value = "batch", required = true) int batch,
    @JsonProperty(value = "dropout_seed", required = true) long dropoutSeed,
    @JsonProperty(value = "dropout_offset", required = true) long dropoutOffset,
    @JsonProperty(value = "logged_loss", required = true) double loggedLoss,
    @JsonProperty(value = "logged_steps", required = true) int loggedSteps,
    @JsonProperty(value = "order", required = true) DataOrder order,
    @JsonProperty("fingerprint") @Nullable Map<String, String> fingerprint,
    @JsonProperty("files") @Nullable List<String> files) {
  public ResumePoint {
    requireCount("step", step);
    requireCount("epoch", epoch);
    requireCount("batch", batch);
    requireCount("dropout_offset", dropoutOffset);
    requireCount("logged_steps", loggedSteps);
    if (!Double.isFinite(loggedLoss)) {
      throw new IllegalArgumentException(
          "'logged_loss' is %s, expected a finite number".formatted(loggedLoss));
    }
    if (order == null) {
      throw new IllegalArgumentException("'order' is null, expected an object");
    }
  }

  private static void requireCount(String key, long value) {
    if (value < 0) {
      throw new IllegalArgumentException("'%s' is %d, expected 0 or more".formatted(key, value));
    }
  }

  /**
   * Everything that determines the sequence of batches.
   *
   * @param rows number of training rows
   * @param batchSize rows of a micro-batch
   * @param accumulation micro-batches of a step
   * @param shuffle the order of rows
   * @param seed of that order
   */
  public record DataOrder(
      @JsonProperty(value = "rows", required = true) int rows,
      @JsonProperty(value = "batch_size", required = true) int batchSize,
      @JsonProperty(value = "accumulation", required = true) int accumulation,
      @JsonProperty(value = "shuffle", required = true) String shuffle,
      @JsonProperty(value = "seed", required = true) long seed) {}

  /** Adds the properties of a saved checkpoint. */
  ResumePoint with(Map<String, String> fingerprint, List<String> files) {
    return new ResumePoint(
        step,
        epoch,
        batch,
        dropoutSeed,
        dropoutOffset,
        loggedLoss,
        loggedSteps,
        order,
        fingerprint,
        files);
  }

  public BatchPosition position() {
    return new BatchPosition(epoch, batch);
  }

  public static ResumePoint read(Path checkpoint) {
    return Json.read(
        checkpoint.resolve(RunFolder.RESUME),
        ResumePoint.class,
        "does not say where to resume",
        RunWriter.OLDER);
  }

  /**
   * Checks that the position in the data is that of the step.
   *
   * @param checkpoint the folder, for the message
   * @param batches number of an epoch
   * @throws FormatException if it is not
   */
  public void requirePosition(Path checkpoint, int batches) {
    int accumulation = order.accumulation();
    long perEpoch = Math.ceilDiv(batches, accumulation);
    boolean right =
        batch < batches
            && batch % accumulation == 0
            && step == epoch * perEpoch + batch / accumulation;
    if (!right) {
      throw new FormatException(
          checkpoint.resolve(RunFolder.RESUME),
          "does not say where to resume: 'step' is %d, 'epoch' %d and 'batch' %d, and an epoch has %d batches in %d steps."
              .formatted(step, epoch, batch, batches, perEpoch),
          RunWriter.OLDER);
    }
  }

  /**
   * The differences between the batches and random numbers of two jobs: a line for each.
   *
   * @param now the order of the current job
   * @param seed of its random stream
   */
  public List<String> differences(DataOrder now, long seed) {
    List<String> differences = new ArrayList<>();
    compare("examples in the training data", order.rows(), now.rows(), differences);
    compare("training.batch_size", order.batchSize(), now.batchSize(), differences);
    compare(
        "training.gradient_accumulation_steps",
        order.accumulation(),
        now.accumulation(),
        differences);
    compare("order of the rows", order.shuffle(), now.shuffle(), differences);
    compare("seed of the order", order.seed(), now.seed(), differences);
    compare("training.seed", dropoutSeed, seed, differences);
    return differences;
  }

  private static void compare(
      String key, @Nullable Object was, Object is, List<String> differences) {
    if (!is.equals(was)) {
      differences.add("%s: was %s, is %s".formatted(key, was, is));
    }
  }
}
