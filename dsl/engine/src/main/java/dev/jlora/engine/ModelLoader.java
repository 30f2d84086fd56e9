package dev.jlora.engine;

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

  /** Loads the model of a job, onto the job's device; whoever asks closes it. */
  static LoadedModel load(ResolvedJob work) {
    return load(
        work.folder(),
        work.family(),
        work.config(),
        work.model(),
        !work.headThere() || FolderJob.isFeatures(work.task().name()), // vectors need no head
        work.job().model().precision(),
        work.job().training().seed(),
        Devices.of(work.job().training().device()));
  }

  /**
   * Loads the weights of {@code folder} into one of its family's architectures, see {@link
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
   * @param config the folder's configuration, perhaps with labels changed
   * @param model the declared tree, one of the family's
   * @param freshHead whether the head starts fresh where the checkpoint has none
   * @param precision null takes that of the checkpoint, see {@link #stored}
   * @param seed of fresh weights
   * @param device where the network runs; weights go there as they are read
   * @throws dev.jlora.model.ModelException naming each tensor that is missing, misshapen or left
   *     over
   */
  static LoadedModel load(
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
   * What most bytes of a checkpoint's weights are in, so that they serve as they lie in the file;
   * FLOAT32 for others than 16 bits, and for FLOAT16 on the CPU, which computes in it by emulation.
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

  static DType dtype(Precision precision) {
    return switch (precision) {
      case FP32 -> DType.FLOAT32;
      case BF16 -> DType.BFLOAT16;
      case FP16 -> DType.FLOAT16;
    };
  }
}
