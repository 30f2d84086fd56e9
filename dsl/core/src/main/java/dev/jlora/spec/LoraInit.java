package dev.jlora.spec;

import java.util.Arrays;
import java.util.List;

/** How the LoRA matrices start; PEFT's {@code init_lora_weights}. */
public enum LoraInit implements SpecValue {
  /** A Kaiming-uniform (a = sqrt 5), B zero: the model starts as it was. PEFT's {@code true}. */
  DEFAULT(true),
  /** A and B both random: only for tests. PEFT's {@code false}. */
  RANDOM(false),
  /** A normal with deviation 1/rank, B zero. */
  GAUSSIAN("gaussian");

  private final Object json;

  LoraInit(Object json) {
    this.json = json;
  }

  /** {@code true}, {@code false} or a name, as PEFT writes it. */
  @Override
  public Object json() {
    return json;
  }

  /**
   * The initialization that PEFT calls so.
   *
   * @throws IllegalArgumentException naming those that exist
   */
  public static LoraInit of(Object json) {
    return Arrays.stream(values())
        .filter(init -> init.json.equals(json))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got %s, expected one of %s".formatted(json, List.of(known()))));
  }

  private static String known() {
    return String.join(", ", Arrays.stream(values()).map(init -> init.json.toString()).toList());
  }
}
