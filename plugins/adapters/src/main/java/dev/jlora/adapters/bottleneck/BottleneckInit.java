package dev.jlora.adapters.bottleneck;

import dev.jlora.spec.SpecValue;
import java.util.Arrays;

/** Initialization of bottleneck adapters, named as in the adapters library. */
public enum BottleneckInit implements SpecValue {
  /** Both matrices normal with standard deviation 0.02: nearly, but not exactly, neutral. */
  BERT("bert"),
  /** The first matrix Kaiming-uniform, the second zero: the model is unchanged at first. */
  MAM("mam_adapter");

  private final String json;

  BottleneckInit(String json) {
    this.json = json;
  }

  /** The name in the adapters library. */
  @Override
  public Object json() {
    return json;
  }

  /**
   * The initialization with this name.
   *
   * @throws IllegalArgumentException listing the valid values
   */
  public static BottleneckInit of(Object json) {
    return Arrays.stream(values())
        .filter(init -> init.json.equals(json))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got %s, expected bert or mam_adapter".formatted(json)));
  }
}
