package dev.jlora.engine.training;

import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.engine.runs.Checkpoints;
import dev.jlora.engine.runs.Fingerprint;
import dev.jlora.engine.runs.FingerprintMaker;
import dev.jlora.engine.runs.ResumePoint;
import dev.jlora.io.FormatException;
import dev.jlora.io.JobFile;
import dev.jlora.io.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/** Checks that the newest checkpoint of a folder belongs to a job, before weights are read. */
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
