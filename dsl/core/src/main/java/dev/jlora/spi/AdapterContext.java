package dev.jlora.spi;

import java.util.List;

/**
 * What an adapter method may know of the job around it.
 *
 * @param taskType PEFT's task type ({@code SEQ_CLS}), or empty; decides which head is trained
 * @param defaultTargets the family's targets, for a spec that names none
 * @param seed of the fresh weights
 * @param baseModel the base model's name or folder, as the saved adapter names it
 */
public record AdapterContext(
    String taskType, List<String> defaultTargets, long seed, String baseModel) {
  public AdapterContext {
    defaultTargets = List.copyOf(defaultTargets);
  }
}
