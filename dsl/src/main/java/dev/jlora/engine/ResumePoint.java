package dev.jlora.engine;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.jlora.data.BatchPosition;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import java.nio.file.Path;

/**
 * Where a checkpoint goes on: {@code resume.json} beside adapter and optimizer.
 *
 * @param step optimizer steps taken, which is where the schedule stands
 * @param epoch of the next batch, from 0
 * @param batch index of the next batch in its epoch
 * @param dropoutSeed seed of the stream that dropout draws from
 * @param dropoutOffset how far it has been used
 * @param loggedLoss the losses summed since the last log line
 * @param loggedSteps how many they are
 * @param order what decides the order of batches: another value means other batches
 */
record ResumePoint(
    @JsonProperty("step") long step,
    @JsonProperty("epoch") int epoch,
    @JsonProperty("batch") int batch,
    @JsonProperty("dropout_seed") long dropoutSeed,
    @JsonProperty("dropout_offset") long dropoutOffset,
    @JsonProperty("logged_loss") double loggedLoss,
    @JsonProperty("logged_steps") int loggedSteps,
    @JsonProperty("order") DataOrder order) {
  static final String FILE = "resume.json";

  /**
   * What the sequence of batches depends on.
   *
   * @param rows of the training data
   * @param batchSize rows of a micro-batch
   * @param accumulation micro-batches of a step
   * @param shuffle how rows are ordered
   * @param seed of that order
   */
  record DataOrder(
      @JsonProperty("rows") int rows,
      @JsonProperty("batch_size") int batchSize,
      @JsonProperty("accumulation") int accumulation,
      @JsonProperty("shuffle") String shuffle,
      @JsonProperty("seed") long seed) {}

  BatchPosition position() {
    return new BatchPosition(epoch, batch);
  }

  static ResumePoint read(Path checkpoint) {
    Path file = checkpoint.resolve(FILE);
    try {
      return Json.mapper().treeToValue(Json.readObject(file), ResumePoint.class);
    } catch (JsonProcessingException e) {
      throw new FormatException(
          file.toString(),
          "does not say where to go on: " + e.getOriginalMessage() + ".",
          "Resume from an older checkpoint, or train anew.",
          e);
    }
  }

  /** Refuses to go on with data or batches other than those of the saved run. */
  void requireSame(DataOrder now, long seed, Path checkpoint) {
    if (!now.equals(order) || seed != dropoutSeed) {
      throw new FormatException(
          checkpoint,
          "was written with other batches: it has %s and seed %d, this job has %s and seed %d."
              .formatted(order, dropoutSeed, now, seed),
          "Resume with the same data, batch size, accumulation and seed, or train anew.");
    }
  }
}
