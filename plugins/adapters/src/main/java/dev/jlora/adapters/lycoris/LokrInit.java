package dev.jlora.adapters.lycoris;

import dev.jlora.spec.SpecValue;
import java.util.Arrays;

/** Initialization of LoKr's factors; PEFT's {@code init_weights}. */
public enum LokrInit implements SpecValue {
  /** The left factor is zero, and the right one random. PEFT's {@code true}. */
  DEFAULT(true),
  /** Both are random, for tests only. PEFT's {@code false}. */
  RANDOM(false),
  /** The left factor is random, and the right one zero, as in the LyCORIS repository. */
  LYCORIS("lycoris");

  private final Object json;

  LokrInit(Object json) {
    this.json = json;
  }

  /** {@code true}, {@code false} or {@code "lycoris"}, as PEFT writes it. */
  @Override
  public Object json() {
    return json;
  }

  /**
   * The initialization with PEFT's name.
   *
   * @throws IllegalArgumentException listing the valid values
   */
  public static LokrInit of(Object json) {
    return Arrays.stream(values())
        .filter(init -> init.json.equals(json))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got %s, expected true, false or lycoris".formatted(json)));
  }
}
