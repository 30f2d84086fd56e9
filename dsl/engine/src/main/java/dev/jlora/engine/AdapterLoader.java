package dev.jlora.engine;

import dev.jlora.host.Plugins;
import dev.jlora.io.FiniteTensors;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads saved adapters into a network. */
final class AdapterLoader {

  private AdapterLoader() {}

  static boolean isAdapter(Path folder) {
    return Files.isRegularFile(folder.resolve(PeftConfig.FILE));
  }

  /** Whether a folder contains a model that needs no adapter: merged, or fully fine-tuned. */
  static boolean isWholeModel(Path folder) {
    return !isAdapter(folder) && ModelFolder.isModel(folder);
  }

  /** A copy of a job whose model is that of a folder. */
  static JobSpec jobOn(Path folder, JobSpec job) {
    ModelSpec model = job.model();
    return job.withModel(new ModelSpec(folder.toString(), model.precision(), model.architecture()));
  }

  /** Attaches the adapter of a folder to a model and selects it; warns where both lack a weight. */
  static Adapter load(Plugins plugins, Path folder, LoadedModel model) {
    Adapter adapter = model.network().adapt(read(plugins, folder, model.network()));
    FreshWeights.check(model, adapter, folder);
    return adapter;
  }

  /** The same, into the weights of the base: answers then cost no more than the base's. */
  static void merge(Plugins plugins, Path folder, LoadedModel model) {
    load(plugins, folder, model);
    model.network().merge();
  }

  /** The same for answers alone: an adapter that no weight can hold stays beside the base. */
  static void apply(Plugins plugins, Path folder, LoadedModel model) {
    Adapter adapter = load(plugins, folder, model);
    if (adapter.inputs() == null) {
      model.network().merge();
    }
  }

  /** Attaches the adapter of a folder beside others, none of which stays merged. */
  static void attach(Plugins plugins, String name, Path folder, LoadedModel model) {
    Adapter adapter = read(plugins, folder, model.network());
    try {
      model.network().unmerge();
      model.network().attach(name, adapter);
    } catch (RuntimeException | Error failure) {
      adapter.close();
      throw failure;
    }
    FreshWeights.check(model, adapter, folder);
  }

  /**
   * The adapter of a folder, by the method that reads its configuration.
   *
   * @throws FormatException if the folder holds none, not exactly one method reads it, or a value
   *     in its file is not finite
   */
  static Adapter read(Plugins plugins, Path folder, Network network) {
    if (!isAdapter(folder)) {
      throw new FormatException(
          folder,
          "has no " + PeftConfig.FILE + ", so it holds no adapter.",
          "Give the output folder of a run, or an adapter that PEFT saved.");
    }
    Adapter adapter =
        JobParts.reader(plugins, folder.resolve(PeftConfig.FILE))
            .saved(network.plan(), folder)
            .read(network, folder);
    try {
      Path weights = folder.resolve(AdapterKeys.FILE);
      if (Files.isRegularFile(weights)) { // a plugin's method may have files of its own
        FiniteTensors.requireAll(weights);
      }
      return adapter;
    } catch (RuntimeException | Error failure) {
      adapter.close();
      throw failure;
    }
  }
}
