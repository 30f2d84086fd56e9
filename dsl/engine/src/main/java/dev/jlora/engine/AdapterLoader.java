package dev.jlora.engine;

import dev.jlora.host.Plugins;
import dev.jlora.io.FiniteTensors;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.network.Network;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spi.Adaptation;
import java.nio.file.Files;
import java.nio.file.Path;

/** Saved adapters, put onto a network again. */
final class AdapterLoader {
  private static final String ADAPTER_CONFIG = "adapter_config.json";
  private static final String ADAPTER_WEIGHTS = "adapter_model.safetensors";

  private AdapterLoader() {}

  static boolean isAdapter(Path folder) {
    return Files.isRegularFile(folder.resolve(ADAPTER_CONFIG));
  }

  /** Whether a folder holds a model that needs no adapter: merged, or trained in full. */
  static boolean isWholeModel(Path folder) {
    return !isAdapter(folder) && ModelFolder.isModel(folder);
  }

  /** A job on the model of a folder in place of its own. */
  static JobSpec jobOn(Path folder, JobSpec job) {
    ModelSpec model = job.model();
    return job.withModel(new ModelSpec(folder.toString(), model.precision(), model.architecture()));
  }

  /** Attaches the adapter of a folder to a model, and warns where both lack a weight. */
  static Adaptation load(Plugins plugins, Path folder, LoadedModel model) {
    Adaptation adaptation = load(plugins, folder, model.network());
    FreshWeights.check(model, adaptation, folder);
    return adaptation;
  }

  /**
   * Attaches the adapter of a folder, by the method that reads its configuration.
   *
   * @throws FormatException if the folder holds none, not exactly one method reads it, or a value
   *     in its file is not finite
   */
  static Adaptation load(Plugins plugins, Path folder, Network network) {
    if (!isAdapter(folder)) {
      throw new FormatException(
          folder,
          "has no " + ADAPTER_CONFIG + ", so it holds no adapter.",
          "Give the output folder of a run, or an adapter that PEFT saved.");
    }
    Adaptation adaptation =
        JobParts.reader(plugins, folder.resolve(ADAPTER_CONFIG)).load(network, folder);
    Path weights = folder.resolve(ADAPTER_WEIGHTS);
    if (Files.isRegularFile(weights)) { // a plugin's method may have files of its own
      FiniteTensors.requireAll(weights);
    }
    return adaptation;
  }
}
