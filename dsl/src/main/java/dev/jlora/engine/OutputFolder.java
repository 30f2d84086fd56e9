package dev.jlora.engine;

import dev.jlora.io.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The folder of a run: it may hold an earlier run only if the job says what to do with it. */
final class OutputFolder {
  private static final List<String> RESULTS =
      List.of("adapter_model.safetensors", "model.safetensors", TrainerState.FILE);

  private OutputFolder() {}

  /**
   * Makes the folder, and asks whether a run may use it. Earlier results stay until {@link #clear}.
   *
   * @throws FormatException if it holds an earlier run and neither flag is set, or cannot be
   *     written
   */
  static void claim(Path output, boolean overwrite, boolean resume) {
    Checkpoints.createFolder(output);
    if (!Files.isWritable(output)) {
      throw new FormatException(
          output, "is not writable.", "Choose an output folder you may write to.");
    }
    boolean used =
        !new Checkpoints(output).all().isEmpty()
            || RESULTS.stream().anyMatch(name -> Files.exists(output.resolve(name)));
    if (used && !overwrite && !resume) {
      throw new FormatException(
          output,
          "holds the results of an earlier run.",
          "Choose another output folder, set resume to go on with that run, or overwrite to"
              + " replace it.");
    }
  }

  /** Deletes the results of an earlier run: when all that could fail at the start has not. */
  static void clear(Path output) {
    new Checkpoints(output).deleteAll();
    RESULTS.forEach(name -> delete(output.resolve(name)));
  }

  /**
   * Keeps a job from writing over the model it starts from.
   *
   * @throws FormatException if both are one folder
   */
  static void refuseModel(Path output, Path model) {
    try {
      if (Files.exists(output) && Files.isSameFile(output, model)) {
        throw new FormatException(
            output, "is the folder of the model itself.", "Choose another output folder.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
