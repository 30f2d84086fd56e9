package dev.jlora.spi;

import dev.jlora.io.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a job that an adapter method plans with.
 *
 * @param taskType PEFT's task type ({@code SEQ_CLS}), or empty; decides which head is trained
 * @param defaultTargets target modules for a spec that names none: the method's defaults for this
 *     model type, else the family's
 * @param seed for the initialization of the adapter's weights
 * @param baseModel the base model's name or folder, as the saved adapter names it
 * @param start the saved adapter whose weights training starts from; the spec has its settings.
 *     Null for a new adapter
 * @param config the model's configuration, including its type; null if there is none
 */
public record AdapterContext(
    String taskType,
    List<String> defaultTargets,
    long seed,
    String baseModel,
    @Nullable Path start,
    @Nullable ModelConfig config) {
  public AdapterContext {
    defaultTargets = List.copyOf(defaultTargets);
  }

  /** A context for a new adapter, without a model configuration. */
  public AdapterContext(String taskType, List<String> defaultTargets, long seed, String baseModel) {
    this(taskType, defaultTargets, seed, baseModel, null, null);
  }
}
