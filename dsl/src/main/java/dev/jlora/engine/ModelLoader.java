package dev.jlora.engine;

import dev.jlora.host.Plugins;
import dev.jlora.io.Checkpoint;
import dev.jlora.io.ModelConfig;
import dev.jlora.io.ModelFolder;
import dev.jlora.model.Architecture;
import dev.jlora.model.CheckpointWeights;
import dev.jlora.model.Network;
import dev.jlora.spec.Precision;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.Task;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Device;

/**
 * Turns a model's folder into a network: family by {@code model_type}, weights strictly matched.
 */
public final class ModelLoader {
  private final Plugins plugins;

  public ModelLoader(Plugins plugins) {
    this.plugins = plugins;
  }

  /** The family that a configuration belongs to. */
  public ModelFamily family(ModelConfig config) {
    return plugins.families().get(config.modelType());
  }

  /**
   * The architecture a task needs.
   *
   * @throws IllegalArgumentException if the family has none for it
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
   * Whether a checkpoint was saved from that architecture, so that its head is there to be read; a
   * configuration that does not say has to have everything.
   */
  public static boolean hasHead(ModelConfig config, String architecture) {
    return config.architectures().isEmpty() || config.architectures().contains(architecture);
  }

  /**
   * Loads the weights of {@code folder} into an architecture.
   *
   * @param config the folder's configuration, perhaps with labels changed
   * @param architecture one of the family's
   * @param freshHead whether the head starts fresh where the checkpoint has none
   * @param seed of fresh weights
   * @param device where the network runs; weights go there as they are read
   * @throws dev.jlora.model.ModelException naming each tensor that is missing, misshapen or left
   *     over
   */
  public LoadedModel load(
      ModelFolder folder,
      ModelConfig config,
      String architecture,
      boolean freshHead,
      Precision precision,
      long seed,
      Device device) {
    ModelFamily family = family(config);
    Architecture declared = family.declare(config, architecture);
    Checkpoint checkpoint = Checkpoint.open(folder.path());
    try {
      var weights = CheckpointWeights.match(declared, checkpoint, freshHead, seed);
      Network network = Network.of(declared, weights, dtype(precision), device);
      return new LoadedModel(family, config, network, weights.report());
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  static DType dtype(Precision precision) {
    return switch (precision) {
      case FP32 -> DType.FLOAT32;
      case BF16 -> DType.BFLOAT16;
      case FP16 -> DType.FLOAT16;
    };
  }
}
