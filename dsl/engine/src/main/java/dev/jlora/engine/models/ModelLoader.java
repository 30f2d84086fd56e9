package dev.jlora.engine.models;

import dev.jlora.host.Plugins;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.model.network.Network;
import dev.jlora.model.tree.ModelPlan;
import dev.jlora.model.weights.CheckpointWeights;
import dev.jlora.spec.Precision;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Task;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Loads a model folder as a network: family by {@code model_type}, strictly matched weights. */
public final class ModelLoader {
  private final Plugins plugins;

  public ModelLoader(Plugins plugins) {
    this.plugins = plugins;
  }

  /** The family of a configuration. */
  public ModelFamily family(ModelConfig config) {
    return plugins.families().get(config.modelType());
  }

  /**
   * The architecture for a task.
   *
   * @throws IllegalArgumentException if the family has none
   */
  public String architecture(ModelConfig config, Task task) {
    ModelFamily family = family(config);
    return family
        .architecture(task.name())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Task %s: the %s family has no model for it; it has %s"
                        .formatted(task.name(), family.modelType(), family.architectures())));
  }

  /**
   * Whether a checkpoint was saved from that architecture, so that it contains the head; a
   * checkpoint whose configuration names no class must contain everything.
   */
  public static boolean hasHead(ModelConfig config, String architecture) {
    return config.architectures().isEmpty() || config.architectures().contains(architecture);
  }

  /**
   * Loads the weights of {@code folder} into an architecture of its family, see {@link
   * #load(ModelFolder, ModelFamily, ModelConfig, ModelPlan, boolean, Precision, long, Device)}.
   */
  public LoadedModel load(
      ModelFolder folder,
      ModelConfig config,
      String architecture,
      boolean freshHead,
      @Nullable Precision precision,
      long seed,
      Device device) {
    ModelFamily family = family(config);
    ModelPlan model = ModelPlan.of(family.declare(config, architecture));
    return load(folder, family, config, model, freshHead, precision, seed, device);
  }

  /**
   * Loads the weights of {@code folder} into a declared model.
   *
   * @param config the folder's configuration, possibly with other labels
   * @param model the declared tree of an architecture in the family
   * @param freshHead whether to initialize a head that the checkpoint lacks
   * @param precision null for that of the checkpoint, see {@link #stored}
   * @param seed of randomly initialized weights
   * @param device of the network; weights are copied to it as they are read
   * @throws dev.jlora.model.ModelException naming each tensor that is missing, unexpected or of
   *     another shape
   */
  public static LoadedModel load(
      ModelFolder folder,
      ModelFamily family,
      ModelConfig config,
      ModelPlan model,
      boolean freshHead,
      @Nullable Precision precision,
      long seed,
      Device device) {
    Checkpoint checkpoint = Checkpoint.open(folder.path());
    try {
      var weights = CheckpointWeights.match(model, checkpoint, freshHead, seed);
      DType dtype = precision == null ? stored(checkpoint, device) : dtype(precision);
      Network network = Network.of(model, weights, dtype, device);
      return new LoadedModel(family, config, network, weights.report());
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  /**
   * The dtype of most bytes of a checkpoint's weights, which can then be used in place; FLOAT32 if
   * it is not a 16-bit type, and for FLOAT16 on the CPU, where its arithmetic is emulated.
   */
  static DType stored(Checkpoint checkpoint, Device device) {
    Map<DType, Long> bytes = new EnumMap<>(DType.class);
    for (String name : checkpoint.names()) {
      SafetensorsFile.Entry entry = checkpoint.entry(name);
      bytes.merge(entry.dtype(), entry.bytes(), Long::sum);
    }
    DType most =
        bytes.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse(DType.FLOAT32);
    boolean kept = most == DType.BFLOAT16 || most == DType.FLOAT16 && !device.host();
    return kept ? most : DType.FLOAT32;
  }

  public static DType dtype(Precision precision) {
    return switch (precision) {
      case FP32 -> DType.FLOAT32;
      case BF16 -> DType.BFLOAT16;
      case FP16 -> DType.FLOAT16;
    };
  }
}
