package dev.jlora.io;

import dev.jlora.spec.JobSpec;
import dev.jlora.spec.SpecException;
import dev.jlora.spec.SpecTypes;
import java.nio.file.Path;

/** A job as a file of JSON. */
public final class JobFile {
  private JobFile() {}

  /**
   * Reads a job.
   *
   * @param types what plugins bring for its parts
   * @throws FormatException naming the file: with the line where it is not JSON, or with every key
   *     that is wrong
   */
  public static JobSpec read(Path file, SpecTypes types) {
    String text = Json.text(file);
    Json.object(text, file.toString());
    try {
      return JobSpec.parse(text, types);
    } catch (SpecException e) {
      throw new FormatException(
          file.toString(),
          "is not a job:\n" + e.getMessage(),
          "\nCorrect the file; 'jlora plan --print' with options in its place prints a whole job.",
          e);
    }
  }
}
