package dev.jlora.engine.runs;

import dev.jlora.io.FiniteTensors;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.io.SafetensorsWriter;
import dev.jlora.spi.TrainerState;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes and reads a run: checkpoints, and the result.
 *
 * @param folder the run's own
 * @param adapter the trained weights as files
 * @param fingerprint of the job, saved in each checkpoint
 */
public record RunWriter(RunFolder folder, TrainedState adapter, Fingerprint fingerprint) {
  /** The remedy for a damaged checkpoint. */
  public static final String OLDER =
      "Resume from an older checkpoint, or start a new run; without this folder the one before it"
          + " is the newest.";

  /** Fills the folder of a checkpoint. */
  public void checkpoint(
      Path target, TrainerState state, Map<String, Tensor> optimizer, ResumePoint at) {
    adapter.save(target);
    SafetensorsWriter.write(target.resolve(RunFolder.OPTIMIZER), optimizer);
    Json.write(target.resolve(TrainerState.FILE), state);
    List<String> names = new ArrayList<>(RunFolder.names(target));
    names.add(RunFolder.RESUME);
    Json.write(target.resolve(RunFolder.RESUME), at.with(fingerprint.values(), names));
  }

  /** Writes the trained weights and the state to the folder of the run. */
  public void result(TrainerState state) {
    folder.write(adapter::save);
    Json.write(folder.path().resolve(TrainerState.FILE), state);
  }

  /**
   * The state in a checkpoint.
   *
   * @param point the position of the same checkpoint
   * @throws FormatException if it is damaged, or of another step
   */
  public static TrainerState state(Path checkpoint, ResumePoint point) {
    Path file = checkpoint.resolve(TrainerState.FILE);
    TrainerState state = Json.read(file, TrainerState.class, "is no state of a run", OLDER);
    long named = Checkpoints.step(checkpoint);
    if (state.globalStep() != point.step() || named != point.step()) {
      throw new FormatException(
          checkpoint,
          "is inconsistent about its step: its name says %d, 'step' in %s %d, 'global_step' in %s %d."
              .formatted(
                  named, RunFolder.RESUME, point.step(), TrainerState.FILE, state.globalStep()),
          OLDER);
    }
    return state;
  }

  /**
   * Passes the optimizer's state in a checkpoint to {@code restore}.
   *
   * @throws FormatException naming the file, if it is damaged, of another optimizer, or has a value
   *     that is not finite
   */
  public static void optimizer(Path checkpoint, Consumer<Map<String, Tensor>> restore) {
    Path path = checkpoint.resolve(RunFolder.OPTIMIZER);
    try (SafetensorsFile file = SafetensorsFile.open(path);
        Scope scope = Scope.open()) {
      Map<String, Tensor> saved = new LinkedHashMap<>();
      file.entries()
          .keySet()
          .forEach(name -> saved.put(name, FiniteTensors.require(path, name, file.tensor(name))));
      restore.accept(saved);
    } catch (IllegalArgumentException e) {
      throw new FormatException(
          path.toString(), "does not fit the job: " + e.getMessage() + ".", OLDER, e);
    }
  }
}
