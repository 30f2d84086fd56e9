package dev.jlora.spi;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an adapter method may know of the job around it.
 *
 * @param taskType PEFT's task type ({@code SEQ_CLS}), or empty; decides which head is trained
 * @param defaultTargets the family's targets, for a spec that names none
 * @param seed of the fresh weights
 * @param baseModel the base model's name or folder, as the saved adapter names it
 * @param start the saved adapter whose weights training starts from, and whose settings the spec
 *     has; null for a fresh one
 */
public record AdapterContext(
    String taskType,
    List<String> defaultTargets,
    long seed,
    String baseModel,
    @Nullable Path start) {
  public AdapterContext {
    defaultTargets = List.copyOf(defaultTargets);
  }

  /** For a fresh adapter. */
  public AdapterContext(String taskType, List<String> defaultTargets, long seed, String baseModel) {
    this(taskType, defaultTargets, seed, baseModel, null);
  }
}
