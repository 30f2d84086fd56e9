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
   * Makes the folder ready.
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
    Checkpoints checkpoints = new Checkpoints(output);
    boolean used =
        !checkpoints.all().isEmpty()
            || RESULTS.stream().anyMatch(name -> Files.exists(output.resolve(name)));
    if (used && overwrite) {
      checkpoints.deleteAll();
      RESULTS.forEach(name -> delete(output.resolve(name)));
    } else if (used && !resume) {
      throw new FormatException(
          output,
          "holds the results of an earlier run.",
          "Choose another output folder, set resume to go on with that run, or overwrite to"
              + " replace it.");
    }
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
