package dev.jlora.engine.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jlora.host.PluginFolder;
import dev.jlora.host.Plugins;
import dev.jlora.io.FiniteTensors;
import dev.jlora.io.FormatException;
import dev.jlora.io.Json;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.TensorFile;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.Adapter;
import dev.jlora.model.tree.Architecture;
import dev.jlora.peft.AdapterKeys;
import dev.jlora.peft.PeftConfig;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.Nearest;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.AdapterPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Loads saved adapters into a network. */
public final class AdapterLoader {

  private AdapterLoader() {}

  public static boolean isAdapter(Path folder) {
    return Files.isRegularFile(folder.resolve(PeftConfig.FILE));
  }

  /** Whether a folder contains a model that needs no adapter: merged, or fully fine-tuned. */
  public static boolean isWholeModel(Path folder) {
    return !isAdapter(folder) && ModelFolder.isModel(folder);
  }

  /** A copy of a job whose model is that of a folder. */
  public static JobSpec jobOn(Path folder, JobSpec job) {
    ModelSpec model = job.model();
    return job.withModel(new ModelSpec(folder.toString(), model.precision(), model.architecture()));
  }

  /** Attaches the adapter of a folder to a model and selects it; warns if both lack a weight. */
  public static Adapter load(Plugins plugins, Path folder, LoadedModel model) {
    Adapter adapter = model.network().adapt(read(plugins, folder, model.network()));
    NewWeights.check(model, adapter, folder);
    return adapter;
  }

  /** Loads the adapter of a folder for predictions: merged, or attached if it cannot be merged. */
  public static void apply(Plugins plugins, Path folder, LoadedModel model) {
    load(plugins, folder, model);
    if (model.network().mergeProblem().isEmpty()) {
      model.network().merge();
    }
  }

  /** Attaches the adapter of a folder in addition to others; a merged adapter is unmerged. */
  public static void attach(Plugins plugins, String name, Path folder, LoadedModel model) {
    Adapter adapter = read(plugins, folder, model.network());
    try {
      model.network().unmerge();
      model.network().attach(name, adapter);
    } catch (RuntimeException | Error failure) {
      adapter.close();
      throw failure;
    }
    NewWeights.check(model, adapter, folder);
  }

  /**
   * Replaces an attached adapter by that of a folder; a merged adapter is unmerged. If the folder
   * cannot be read, nothing changes.
   */
  public static void replace(Plugins plugins, String name, Path folder, LoadedModel model) {
    model.network().adapter(name); // says what there is
    Adapter adapter = read(plugins, folder, model.network());
    try {
      model.network().unmerge();
      model.network().replace(name, adapter);
    } catch (RuntimeException | Error failure) {
      adapter.close();
      throw failure;
    }
    NewWeights.check(model, adapter, folder);
  }

  /**
   * The adapter of a folder, by the method that reads its configuration.
   *
   * @throws FormatException if the folder contains none, not exactly one method reads it, or a
   *     value is not finite
   */
  static Adapter read(Plugins plugins, Path folder, Network network) {
    return read(method(plugins, config(folder)).saved(network.plan(), folder), folder, network);
  }

  /**
   * The adapter of a folder by its plan; the caller closes it.
   *
   * @throws FormatException if the weights do not fit the plan, or a value is not finite
   */
  public static Adapter read(AdapterPlan plan, Path folder, Network network) {
    Adapter adapter = plan.read(network, folder);
    try {
      if (AdapterKeys.weights(folder).isPresent()) { // a method may have files of its own
        try (TensorFile weights = AdapterKeys.open(folder)) {
          FiniteTensors.requireAll(weights);
        }
      }
      return adapter;
    } catch (RuntimeException | Error failure) {
      adapter.close();
      throw failure;
    }
  }

  /** The model that the network of a saved adapter is built from. */
  public static Architecture modelOf(Plugins plugins, Path folder, Architecture declared) {
    return method(plugins, folder.resolve(PeftConfig.FILE)).savedModel(declared, folder);
  }

  /**
   * The {@code adapter_config.json} of a folder.
   *
   * @throws FormatException if there is none
   */
  public static Path config(Path folder) {
    if (!isAdapter(folder)) {
      throw new FormatException(
          folder,
          "has no " + PeftConfig.FILE + ", so it holds no adapter.",
          "Give the output folder of a run, or an adapter that PEFT saved.");
    }
    return folder.resolve(PeftConfig.FILE);
  }

  /**
   * The method that loads an adapter.
   *
   * @param file an {@code adapter_config.json}
   * @throws FormatException if no method reads it, or more than one does
   */
  public static AdapterMethod<?> method(Plugins plugins, Path file) {
    ObjectNode config = Json.readObject(file);
    Collection<AdapterMethod<?>> methods = plugins.adapters().all();
    List<AdapterMethod<?>> readers = methods.stream().filter(it -> it.reads(config)).toList();
    String type = config.path("peft_type").asText();
    if (readers.isEmpty()) { // one that knows the type says what it lacks for this file
      readers = methods.stream().filter(it -> it.peftType().equals(type)).toList();
    }
    if (readers.isEmpty()) {
      throw new FormatException(
          file,
          "has the peft_type '%s', which no plugin provides; there are the methods %s."
              .formatted(type, Nearest.list(plugins.adapters().names())),
          "Train it with one of these, or put the jar of a plugin that reads it into %s."
              .formatted(PluginFolder.path()));
    }
    if (readers.size() > 1) {
      throw new FormatException(
          file,
          "is read by more than one adapter method: "
              + readers.stream()
                  .map(it -> "'%s' (%s)".formatted(it.name(), it.getClass().getName()))
                  .collect(Collectors.joining(" and "))
              + ".",
          "Remove one of the two plugins.");
    }
    return readers.getFirst();
  }
}
