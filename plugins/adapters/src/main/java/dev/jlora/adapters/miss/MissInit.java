package dev.jlora.adapters.miss;

import dev.jlora.spec.SpecValue;
import java.util.Arrays;

/** Form and initialization of MiSS's blocks; PEFT's {@code init_weights}. */
public enum MissInit implements SpecValue {
  /** A block [rank, out] of zeros: the model is unchanged at first. PEFT's {@code true}. */
  BALANCE(true),
  /** A random block [rank, out], for tests only. PEFT's {@code false}. */
  RANDOM(false),
  /** A block [rank, rank] of zeros for each {@code rank} outputs, which multiplies the weight. */
  BAT("bat"),
  /** A block [rank, mini_r] of zeros, repeated along the outputs. */
  MINI("mini");

  private final Object json;

  MissInit(Object json) {
    this.json = json;
  }

  /** {@code true}, {@code false} or a name, as PEFT writes it. */
  @Override
  public Object json() {
    return json;
  }

  /**
   * The form with PEFT's name.
   *
   * @throws IllegalArgumentException listing the valid values
   */
  public static MissInit of(Object json) {
    return Arrays.stream(values())
        .filter(init -> init.json.equals(json))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got %s, expected true, false, bat or mini".formatted(json)));
  }
}
