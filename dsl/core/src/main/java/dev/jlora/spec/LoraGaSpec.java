package dev.jlora.spec;

import java.util.Arrays;

/**
 * LoRA-GA's settings, with the fields and defaults of PEFT's {@code LoraGAConfig}.
 *
 * @param direction which singular vectors of the gradient are A and B
 * @param scale their length
 * @param stableGamma gamma of {@code stable}
 */
public record LoraGaSpec(Direction direction, Scale scale, double stableGamma) implements Spec {

  /** Of the 2r largest singular values, those of A and B. */
  public enum Direction implements SpecValue {
    /** B has the odd ones (first, third, ...) and A the even ones. */
    ARBR("ArBr"),
    /** B has the first r and A the others. */
    A2RBR("A2rBr"),
    /** A has the first r and B the others. */
    ARB2R("ArB2r"),
    /** Both have r of them at random. */
    RANDOM("random");

    private final String json;

    Direction(String json) {
      this.json = json;
    }

    @Override
    public Object json() {
      return json;
    }

    /** The direction with PEFT's name. */
    public static Direction of(Object json) {
      return Arrays.stream(values())
          .filter(direction -> direction.json.equals(json))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "got %s, expected one of %s"
                          .formatted(
                              json,
                              Nearest.list(
                                  String.valueOf(json),
                                  Arrays.stream(values()).map(it -> it.json).toList()))));
    }
  }

  /** The length of B, and with {@code GD_SCALE} of A. */
  public enum Scale {
    /** B times out^(1/4) / gamma^(1/2). */
    STABLE,
    /** B so that its largest singular value is the weight's. */
    WEIGHT_SVD,
    /** A and B divided by the scaling. */
    GD_SCALE,
    /** As decomposed. */
    UNIT
  }

  public LoraGaSpec {
    Problems.in("lora_ga_config")
        .unless(
            stableGamma > 0 && Double.isFinite(stableGamma),
            "stable_gamma: got %s, expected a number above 0 (16 is usual)",
            stableGamma)
        .throwIfAny();
  }

  /** PEFT's defaults. */
  public static LoraGaSpec defaults() {
    return new LoraGaSpec(Direction.ARB2R, Scale.STABLE, 16);
  }

  @Override
  public String toString() {
    return json();
  }
}
