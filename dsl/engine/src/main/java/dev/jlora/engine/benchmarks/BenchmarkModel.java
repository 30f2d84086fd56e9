package dev.jlora.engine.benchmarks;

import dev.jlora.engine.jobs.JobParts;
import dev.jlora.engine.models.Devices;
import dev.jlora.engine.models.ModelLoader;
import dev.jlora.host.Plugins;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.model.weights.RandomWeights;
import dev.jlora.spec.Nearest;
import dev.jlora.spec.Precision;
import dev.jlora.spi.AdapterContext;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Task;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The model of a benchmark: of a folder, or of a family's named configuration with random weights.
 *
 * @param name of the folder or the configuration
 * @param seed of random weights
 */
record BenchmarkModel(
    String name, ModelConfig config, ModelFamily family, Task task, ModelPlan plan, long seed) {

  /**
   * @throws IllegalArgumentException if the name is neither a folder nor a known configuration
   */
  static BenchmarkModel of(Plugins plugins, String name, String taskName, long seed) {
    ModelConfig config = config(plugins, name);
    ModelLoader loader = new ModelLoader(plugins);
    ModelFamily family = loader.family(config);
    Task task = plugins.tasks().get(taskName);
    ModelPlan plan = ModelPlan.of(family.declare(config, loader.architecture(config, task)));
    return new BenchmarkModel(name, config, family, task, plan, seed);
  }

  private static ModelConfig config(Plugins plugins, String model) {
    Path folder = Path.of(model);
    if (Files.isDirectory(folder)) {
      return ModelFolder.open(folder).config();
    }
    SortedSet<String> known = new TreeSet<>();
    for (ModelFamily family : plugins.families().all()) {
      ModelConfig preset = family.presets().get(model);
      if (preset != null) {
        return preset;
      }
      known.addAll(family.presets().keySet());
    }
    throw new IllegalArgumentException(
        "model: got '%s', expected a folder with a config.json or one of %s"
            .formatted(model, Nearest.list(model, known)));
  }

  /** The network with its weights; the caller closes it. */
  Network network(Precision precision, String deviceName) {
    DType dtype = ModelLoader.dtype(precision);
    Device device = Devices.of(deviceName);
    Path folder = Path.of(name);
    if (!ModelFolder.holdsWeights(folder)) {
      return Network.of(plan, new RandomWeights(seed), dtype, device);
    }
    Checkpoint checkpoint = Checkpoint.open(folder);
    try {
      boolean freshHead = !ModelLoader.hasHead(config, plan.architecture().name());
      return Network.of(
          plan, CheckpointWeights.match(plan, checkpoint, freshHead, seed), dtype, device);
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  /** The context of a new adapter. */
  AdapterContext context(AdapterMethod<?> method, long adapterSeed) {
    return new AdapterContext(
        Objects.requireNonNullElse(task.peftTaskType(), ""),
        JobParts.defaultTargets(method, family.modelType(), family.defaultTargets()),
        adapterSeed,
        name,
        /* start= */ null,
        config);
  }
}
