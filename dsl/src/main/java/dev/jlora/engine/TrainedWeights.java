package dev.jlora.engine;

import dev.jlora.host.Plugins;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.Network;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spi.Adaptation;
import dev.jlora.spi.AdapterMethod;
import java.nio.file.Files;
import java.nio.file.Path;

/** Saved adapters, put onto a network again. */
final class TrainedWeights {
  private static final String ADAPTER_CONFIG = "adapter_config.json";

  private TrainedWeights() {}

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

  /**
   * Attaches the adapter of a folder, by the method that its {@code peft_type} names.
   *
   * @throws FormatException if the folder holds none, or no plugin knows its method
   */
  static Adaptation load(Plugins plugins, Path folder, Network network) {
    if (!isAdapter(folder)) {
      throw new FormatException(
          folder,
          "has no " + ADAPTER_CONFIG + ", so it holds no adapter.",
          "Give the output folder of a run, or an adapter that PEFT saved.");
    }
    String type = Json.readObject(folder.resolve(ADAPTER_CONFIG)).path("peft_type").asText();
    AdapterMethod method =
        plugins.adapters().all().stream()
            .filter(candidate -> candidate.peftType().equals(type))
            .findFirst()
            .orElseThrow(
                () ->
                    new FormatException(
                        folder.resolve(ADAPTER_CONFIG),
                        "has the peft_type '%s', which no plugin brings; there are %s."
                            .formatted(type, plugins.adapters().names()),
                        "Train it with one of these, or add the plugin."));
    return method.load(network, folder);
  }
}
