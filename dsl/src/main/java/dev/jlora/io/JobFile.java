package dev.jlora.io;

import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.SpecException;
import java.nio.file.Path;
import java.util.Map;

/** A job as a file of JSON. */
public final class JobFile {
  private JobFile() {}

  /**
   * Reads a job.
   *
   * @param adapters the spec types of adapter methods beside LoRA, by the method's name
   * @throws FormatException naming the file: with the line where it is not JSON, or with every key
   *     that is wrong
   */
  public static JobSpec read(Path file, Map<String, Class<? extends AdapterSpec>> adapters) {
    String text = Json.text(file);
    Json.object(text, file.toString());
    try {
      return JobSpec.parse(text, adapters);
    } catch (SpecException e) {
      throw new FormatException(
          file.toString(),
          "is not a job:\n" + e.getMessage(),
          "\nCorrect the file; 'jlora plan --print' with options in its place prints a whole job.",
          e);
    }
  }
}
