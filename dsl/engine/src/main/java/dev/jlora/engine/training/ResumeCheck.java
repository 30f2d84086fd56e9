package dev.jlora.engine.training;

import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.runs.Checkpoints;
import dev.jlora.engine.runs.Fingerprint;
import dev.jlora.engine.runs.FingerprintMaker;
import dev.jlora.engine.runs.ResumePoint;
import dev.jlora.engine.runs.RunWriter;
import dev.jlora.io.FormatException;
import dev.jlora.io.JobFile;
import dev.jlora.io.Json;
import dev.jlora.spi.TrainerState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/** Checks that a checkpoint belongs to a job and is consistent, before weights are read. */
final class ResumeCheck {
  private ResumeCheck() {}

  /**
   * Does nothing if there is no checkpoint.
   *
   * @throws FormatException listing all differences, if another job wrote the checkpoint
   */
  static void check(ResolvedJob work, Path output, Fingerprint now) {
    Path checkpoint = new Checkpoints(output).newest().orElse(null);
    if (checkpoint == null) {
      return;
    }
    var saved = ResumePoint.read(checkpoint).fingerprint();
    Fingerprint was =
        saved == null
            ? ofOlder(checkpoint, output.resolve(JobFile.NAME), now)
            : new Fingerprint(new TreeMap<>(saved));
    refuse(checkpoint, was.differences(now, FingerprintMaker.defaults(work.plugins(), work.job())));
  }

  static void refuse(Path checkpoint, List<String> differences) {
    if (!differences.isEmpty()) {
      throw new FormatException(
          checkpoint,
          "was written by another job:\n  " + String.join("\n  ", differences) + "\n",
          "Resume with these as they were, or start a new run in another output folder. In a"
              + " resumed run "
              + Fingerprint.MAY_CHANGE
              + ".");
    }
  }

  /** Checks the best evaluation of a saved state against its log. */
  static void requireBest(Path file, TrainerState read, String key) {
    Double best = null;
    int since = 0;
    for (Map<String, Double> entry : read.logHistory()) {
      Double value = entry.get(key);
      if (value != null) {
        boolean isBest = Objects.equals(entry.get("step").longValue(), read.bestStep());
        best = isBest ? value : best;
        since = isBest ? 0 : since + 1;
      }
    }
    if (!Objects.equals(best, read.bestMetric()) || since != read.evaluationsWithoutGain()) {
      throw new FormatException(
          file,
          "'best_metric' is %s of step %s with 'evaluations_without_gain' %d, and 'log_history' has %s and %d."
              .formatted(
                  read.bestMetric(), read.bestStep(), read.evaluationsWithoutGain(), best, since),
          RunWriter.OLDER);
    }
  }

  /** The fingerprint of a checkpoint that has none: the settings of its run's job. */
  private static Fingerprint ofOlder(Path checkpoint, Path job, Fingerprint now) {
    if (!Files.isRegularFile(job)) {
      throw new FormatException(
          checkpoint,
          "does not say which job it belongs to, and its run's job.json is gone.",
          "Put the job.json of the run back, or start a new run.");
    }
    LoggerFactory.getLogger(ResumeCheck.class)
        .warn(
            "{}: written by a version that recorded only settings; the weights of the base, the"
                + " tokenizer and the rows are assumed to be unchanged",
            checkpoint);
    return Fingerprint.ofJob(Json.readObject(job), now);
  }
}
