package dev.jlora.spec;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Initialization of the LoRA matrices; PEFT's {@code init_lora_weights}. */
public enum LoraInit implements SpecValue {
  /**
   * A Kaiming-uniform (a = sqrt 5), B zero: the model is unchanged at first. PEFT's {@code true}.
   */
  DEFAULT(true),
  /** A and B both random, for tests only. PEFT's {@code false}. */
  RANDOM(false),
  /** A normal with standard deviation 1/rank, B zero. */
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
   * The initialization with PEFT's name.
   *
   * @throws IllegalArgumentException listing the valid values
   */
  public static LoraInit of(Object json) {
    return Arrays.stream(values())
        .filter(init -> init.json.equals(json))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got %s, expected one of %s".formatted(json, known())));
  }

  private static String known() {
    return Arrays.stream(values())
        .map(init -> init.json.toString())
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
