package dev.jlora.spi;

import dev.jlora.io.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter method may know of the job around it.
 *
 * @param taskType PEFT's task type ({@code SEQ_CLS}), or empty; decides which head is trained
 * @param defaultTargets the targets of a spec that names none: the method's own for this type of
 *     model, else the family's
 * @param seed of the fresh weights
 * @param baseModel the base model's name or folder, as the saved adapter names it
 * @param start the saved adapter whose weights training starts from, and whose settings the spec
 *     has; null for a fresh one
 * @param config the model's configuration, its type among it; null where a job has none
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

  /** For a fresh adapter of a model without a configuration. */
  public AdapterContext(String taskType, List<String> defaultTargets, long seed, String baseModel) {
    this(taskType, defaultTargets, seed, baseModel, null, null);
  }
}
